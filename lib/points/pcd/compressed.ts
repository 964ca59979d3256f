/**
 * The points of a binary_compressed PCD file: two uint32, little-endian, the
 * compressed and the uncompressed bytes, and then, compressed as LibLZF does,
 * all values of the first field, all of the second, and so on.
 */
import { copyBytes, type PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { typeBytes } from "../field.ts";
import { lzfCompress, lzfDecompress } from "./lzf.ts";
import {
  fieldBytes,
  PADDING,
  type PcdField,
  type PcdHeader,
  pointBytes,
} from "./header.ts";

const SIZES_BYTES = 8;

/** The points of a file after decompression. */
export interface PcdRecords {
  /** The fields there are, in order. */
  fields: PcdField[];
  /** All fields' values of each point, one point after the other. */
  data: Uint8Array;
}

/**
 * Decompresses the points of a file.
 *
 * @throws {PointsError} `length`, naming the byte, when sizes contradict the
 * header or the file, or the points can't be decompressed.
 */
export function readCompressed(
  bytes: Uint8Array,
  { fields, points, body: { offset } }: PcdHeader,
): PcdRecords {
  // Some write no sizes where there are no points.
  if (points === 0) return { fields, data: new Uint8Array() };
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
    const blocks = lzfDecompress(source, uncompressed);
    return { fields: written, data: interleave(blocks, written, points) };
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    throw lengthError(
      `the compressed points from byte ${start}: ${error.message}`,
      { cause: error },
    );
  }
}

/** Puts the values of each point together, those of a field in a row. */
function interleave(
  blocks: Uint8Array,
  fields: readonly PcdField[],
  points: number,
): Uint8Array {
  const stride = pointBytes(fields);
  const data = new Uint8Array(blocks.length);
  let start = 0;
  let block = 0;
  for (const field of fields) {
    const bytes = typeBytes(field.type);
    const width = fieldBytes(field);
    for (let i = 0; i < width; i += bytes) {
      const from = { offset: block + i, stride: width };
      const to = { offset: start + i, stride };
      copyBytes(data, to, blocks, from, { bytes, points });
    }
    start += width;
    block += width * points;
  }
  return data;
}

/**
 * Compresses the points of a cloud without padding.
 *
 * @throws {PointsError} `too-large` for more than 4 GiB.
 */
export function writeCompressed(
  { fields, points, stride, data }: PointCloud,
): Uint8Array {
  if (data.length > 0xffffffff) {
    throw new PointsError(
      "too-large",
      `Cannot write PCD: ${data.length} bytes, binary_compressed holds 4 GiB`,
    );
  }
  const blocks = new Uint8Array(data.length);
  let start = 0;
  for (const { type, offset } of fields) {
    const bytes = typeBytes(type);
    const to = { offset: start, stride: bytes };
    copyBytes(blocks, to, data, { offset, stride }, { bytes, points });
    start += bytes * points;
  }
  const compressed = lzfCompress(blocks);
  const body = new Uint8Array(SIZES_BYTES + compressed.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, compressed.length, true);
  view.setUint32(4, blocks.length, true);
  body.set(compressed, SIZES_BYTES);
  return body;
}

function lengthError(why: string, options?: ErrorOptions): PointsError {
  return new PointsError("length", `Cannot read PCD: ${why}`, options);
}
