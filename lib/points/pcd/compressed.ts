/**
 * The points of a binary_compressed PCD file: two uint32, little-endian, the
 * compressed and the uncompressed bytes, and then, compressed as LibLZF does,
 * all values of the first field, all of the second, and so on.
 */
import type { PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { lzfCompress, lzfDecompress } from "./lzf.ts";
import {
  PADDING,
  type PcdField,
  type PcdHeader,
  pointBytes,
} from "./header.ts";

const SIZES_BYTES = 8;

/** The points of a file after decompression. */
export interface PcdBlocks {
  /** The fields there are, in order. */
  fields: PcdField[];
  /** All points' values of each field, one field after the other. */
  data: Uint8Array;
}

/**
 * Decompresses the points of a file.
 *
 * @throws {PointsError} `length`, naming the byte, when sizes contradict the
 * header or the file, or the points can't be decompressed.
 */
export function readPcdBlocks(
  bytes: Uint8Array,
  { fields, points, body: { offset } }: PcdHeader,
): PcdBlocks {
  const start = offset + SIZES_BYTES;
  if (bytes.length < start) {
    throw lengthError(
      `expected two sizes, 8 bytes, at byte ${offset}, ` +
        `${bytes.length - offset} follow`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const compressed = view.getUint32(offset, true);
  const uncompressed = view.getUint32(offset + 4, true);
  if (compressed > bytes.length - start) {
    throw lengthError(
      `${compressed} compressed bytes promised at byte ${offset}, ` +
        `${bytes.length - start} follow`,
    );
  }
  // PCL compresses no padding; others may write all of FIELDS.
  const unpadded = fields.filter(({ name }) => name !== PADDING);
  const written = [fields, unpadded].find((some) =>
    pointBytes(some) * points === uncompressed
  );
  if (written === undefined) {
    throw lengthError(
      `${uncompressed} uncompressed bytes promised at byte ${offset + 4}, ` +
        `expected ${pointBytes(fields) * points} for ${points} points`,
    );
  }
  const source = bytes.subarray(start, start + compressed);
  try {
    return { fields: written, data: lzfDecompress(source, uncompressed) };
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    throw lengthError(
      `the compressed points from byte ${start}: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * Compresses the points of a cloud, float32 fields.
 *
 * @throws {PointsError} `too-large` for more than 4 GiB.
 */
export function writePcdBlocks(
  { fields, points, values }: PointCloud,
): Uint8Array {
  if (values.byteLength > 0xffffffff) {
    throw new PointsError(
      "too-large",
      `Cannot write PCD: ${values.byteLength} bytes, binary_compressed holds ` +
        `4 GiB`,
    );
  }
  const words = new Uint32Array(
    values.buffer,
    values.byteOffset,
    values.length,
  );
  const blocks = new Uint32Array(words.length);
  const width = fields.length;
  for (let column = 0, to = 0; column < width; column++) {
    for (let i = 0, from = column; i < points; i++, from += width) {
      blocks[to++] = words[from];
    }
  }
  const compressed = lzfCompress(new Uint8Array(blocks.buffer));
  const body = new Uint8Array(SIZES_BYTES + compressed.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, compressed.length, true);
  view.setUint32(4, blocks.byteLength, true);
  body.set(compressed, SIZES_BYTES);
  return body;
}

function lengthError(why: string, options?: ErrorOptions): PointsError {
  return new PointsError("length", `Cannot read PCD: ${why}`, options);
}
