import { createCloud, type PointCloud } from "../cloud.ts";
import type { CloudShape } from "../cloud.ts";
import type { CloudDecoder } from "../codec.ts";
import { PointsError } from "../errors.ts";
import { arePacked, type PointField } from "../field.ts";
import { lz4Decompress } from "../lz4/lz4.ts";
import type { ZstdDecompressor } from "../zstd/types.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import { readCloudiniHeader } from "./header.ts";
import type { CloudiniHeader } from "./info.ts";
import { maxStageBytes } from "./rules.ts";
import { StageDecoder } from "./stage_decoder.ts";

/** Options of the `cloudini` decoder. */
export interface CloudiniDecoderOptions {
  /** Decompresses; without it, clouds compressed with zstd are refused. */
  zstd?: ZstdDecompressor;
  /**
   * The most bytes of a decoded cloud: a few bytes may stand for a whole chunk,
   * so this is what bounds memory.
   *
   * @default {268435456} 256 MiB
   */
  maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Bytes of the count before each chunk. */
const COUNT_BYTES = 4;

/** The last version whose points are all in one chunk, without a count. */
const ONE_CHUNK_VERSION = 2;

/** An encoded cloud: its header, and where the chunks are. */
interface Opened {
  header: CloudiniHeader;
  shape: CloudShape;
  chunks: Uint8Array[];
  /** Points of each chunk but the last. */
  chunkPoints: number;
}

/**
 * Decodes clouds in the Cloudini format, versions 2 to 5, whatever their fields
 * and encoding. The fields come in the order of their offsets, whatever their
 * order in the header, which is the encoder's choice; padding is 0.
 */
export class CloudiniDecoder implements CloudDecoder {
  readonly #zstd: ZstdDecompressor | undefined;
  readonly #maxBytes: number;
  #view = new DataView(new ArrayBuffer(0));

  constructor(options: CloudiniDecoderOptions = {}) {
    this.#zstd = options.zstd;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  inspect(bytes: Uint8Array): CloudShape {
    return this.#open(bytes).shape;
  }

  decode(bytes: Uint8Array): PointCloud {
    const { header, shape, chunks, chunkPoints } = this.#open(bytes);
    const { fields, stride, height, points } = shape;
    const decoder = new StageDecoder(header);
    const isPadded = !arePacked(fields, stride);
    for (const [i, chunk] of chunks.entries()) {
      const start = i * chunkPoints * stride;
      const count = Math.min(chunkPoints, points - i * chunkPoints);
      const stage = this.#decompress(chunk, header, decoder, count);
      decoder.check(stage, count);
      const end = start + count * stride;
      this.#reserve(end, points * stride);
      if (isPadded) {
        new Uint8Array(this.#view.buffer, start, end - start).fill(0);
      }
      decoder.decode(stage, { view: this.#view, start, stride, points: count });
    }
    const data = new Uint8Array(this.#view.buffer, 0, points * stride);
    return createCloud({ data, fields, stride, height });
  }

  /** Reads the header, and checks that the chunks are there. */
  #open(bytes: Uint8Array): Opened {
    const { header, offset } = readCloudiniHeader(bytes);
    const shape = shapeOf(header);
    const size = shape.points * shape.stride;
    if (size > this.#maxBytes) {
      throw new PointsError(
        "too-large",
        `Cannot read Cloudini: ${shape.points} points of ${shape.stride} ` +
          `bytes, expected at most ${this.#maxBytes} bytes`,
      );
    }
    const isOne = header.version === ONE_CHUNK_VERSION;
    const chunkPoints = isOne ? shape.points : CHUNK_POINTS;
    const chunks = isOne && shape.points > 0
      ? [bytes.subarray(offset)]
      : findChunks(bytes, offset, Math.ceil(shape.points / CHUNK_POINTS));
    return { header, shape, chunks, chunkPoints };
  }

  #decompress(
    chunk: Uint8Array,
    { compression }: CloudiniHeader,
    { fields }: StageDecoder,
    points: number,
  ): Uint8Array {
    const maxBytes = maxStageBytes(fields, points);
    switch (compression) {
      case "none":
        return chunk;
      case "lz4":
        return lz4Decompress(chunk, maxBytes);
      case "zstd":
        if (this.#zstd !== undefined) return this.#zstd(chunk, maxBytes);
        throw new PointsError(
          "unsupported",
          "Cannot read Cloudini: compression_opt ZSTD, without a decompressor",
        );
    }
  }

  /**
   * Makes room for `due` bytes of `total`: as chunks decode, so that memory
   * follows what there is and not what the header claims.
   */
  #reserve(due: number, total: number): void {
    const { buffer } = this.#view;
    if (due <= buffer.byteLength) return;
    const bytes = Math.min(total, Math.max(due, 2 * buffer.byteLength));
    // Whole float32, as which they are viewed.
    const larger = new Uint8Array(Math.ceil(bytes / 4) * 4);
    larger.set(new Uint8Array(buffer));
    this.#view = new DataView(larger.buffer);
  }
}

function shapeOf(
  { fields, stride, width, height }: CloudiniHeader,
): CloudShape {
  const points = width * height;
  const inOrder: PointField[] = fields
    .map(({ name, type, offset }) => ({ name, type, offset }))
    .sort((a, b) => a.offset - b.offset);
  const rows = Math.max(1, height);
  return {
    fields: inOrder,
    stride,
    width: points / rows,
    height: rows,
    points,
  };
}

/**
 * Finds just so many chunks, before anything is allocated for their points.
 */
function findChunks(
  bytes: Uint8Array,
  offset: number,
  count: number,
): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Uint8Array[] = [];
  let at = offset;
  for (let chunk = 0; chunk < count; chunk++) {
    const start = at + COUNT_BYTES;
    at = start > bytes.length ? Infinity : start + view.getUint32(at, true);
    if (at > bytes.length) {
      throw new PointsError(
        "length",
        `Cannot read Cloudini: chunk ${chunk} of ${count} is cut off`,
      );
    }
    chunks.push(bytes.subarray(start, at));
  }
  if (at < bytes.length) {
    throw new PointsError(
      "length",
      `Cannot read Cloudini: ${bytes.length - at} bytes follow the last chunk`,
    );
  }
  return chunks;
}
