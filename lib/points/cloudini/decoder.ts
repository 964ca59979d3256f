import { checkFields, type PointCloud, pointCloud } from "../cloud.ts";
import { type CloudiniHeader, readCloudiniHeader } from "./header.ts";
import { CHUNK_POINTS, MAX_VALUE_BYTES } from "./first_stage.ts";
import { decodeFirstStage } from "./first_stage_decoder.ts";
import type { CloudDecoder, CloudShape } from "../codec.ts";
import { PointsError } from "../errors.ts";
import type { ZstdDecompressor } from "../zstd/types.ts";

/** Options of the `cloudini` decoder. */
export interface CloudiniDecoderOptions {
  /** Decompresses; without it, clouds compressed with zstd are refused. */
  zstd?: ZstdDecompressor;
  /**
   * The most points of a cloud: a few bytes may stand for a whole chunk, so
   * this is what bounds memory.
   *
   * @default {4194304} 64 MiB of 4 fields
   */
  maxPoints?: number;
}

/** Bytes of the count before each chunk. */
const COUNT_BYTES = 4;

const DEFAULT_MAX_POINTS = 4 * 1024 * 1024;

/**
 * Decodes clouds in the Cloudini format, versions 2 to 5, of 3 or 4 float32
 * fields encoded lossy, uncompressed or compressed with zstd. What else the
 * format has is refused by name.
 */
export class CloudiniDecoder implements CloudDecoder {
  readonly #zstd: ZstdDecompressor | undefined;
  readonly #maxPoints: number;
  #values = new Float32Array();

  constructor(options: CloudiniDecoderOptions = {}) {
    this.#zstd = options.zstd;
    this.#maxPoints = options.maxPoints ?? DEFAULT_MAX_POINTS;
  }

  inspect(bytes: Uint8Array): CloudShape {
    const { header, points } = this.#open(bytes);
    const names = header.fields.map(({ name }) => name);
    return { points, fields: checkFields(names) };
  }

  decode(bytes: Uint8Array): PointCloud {
    const { header, offset, points } = this.#open(bytes);
    const names = header.fields.map(({ name }) => name);
    const fields = names.length;
    const resolutions = Float64Array.from(
      header.fields,
      ({ resolution }) => resolution,
    );
    let at = offset;
    for (let first = 0; first < points; first += CHUNK_POINTS) {
      const chunkPoints = Math.min(CHUNK_POINTS, points - first);
      const chunk = readChunk(bytes, at);
      const stage = header.compression === "none"
        ? chunk
        : this.#decompress(chunk, chunkPoints * fields);
      this.#reserve((first + chunkPoints) * fields, points * fields);
      decodeFirstStage(
        stage,
        this.#values,
        first * fields,
        chunkPoints,
        resolutions,
      );
      at += COUNT_BYTES + chunk.length;
    }
    return pointCloud(this.#values.subarray(0, points * fields), names);
  }

  /** Reads the header, and checks that the chunks are there. */
  #open(bytes: Uint8Array) {
    const { header, offset } = readCloudiniHeader(bytes);
    const points = this.#countPoints(header);
    checkChunks(bytes, offset, Math.ceil(points / CHUNK_POINTS));
    return { header, offset, points };
  }

  #countPoints({ width, height }: CloudiniHeader): number {
    const points = width * height;
    if (points > this.#maxPoints) {
      throw new PointsError(
        "too-large",
        `Cannot read Cloudini: ${width} x ${height} points, expected at most ` +
          this.#maxPoints,
      );
    }
    return points;
  }

  #decompress(chunk: Uint8Array, values: number): Uint8Array {
    if (this.#zstd === undefined) {
      throw new PointsError(
        "unsupported",
        "Cannot read Cloudini: compression_opt ZSTD, without a decompressor",
      );
    }
    return this.#zstd(chunk, values * MAX_VALUE_BYTES);
  }

  /**
   * Makes room for `due` values of `total`: as chunks decode, so that memory
   * follows what there is and not what the header claims.
   */
  #reserve(due: number, total: number): void {
    if (due <= this.#values.length) return;
    const larger = new Float32Array(
      Math.min(total, Math.max(due, 2 * this.#values.length)),
    );
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** Returns a chunk's bytes, which follow their uint32 count. */
function readChunk(bytes: Uint8Array, at: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = at + COUNT_BYTES;
  return bytes.subarray(start, start + view.getUint32(at, true));
}

/**
 * Checks that `bytes` hold just so many chunks, before anything is allocated
 * for their points.
 */
function checkChunks(bytes: Uint8Array, offset: number, chunks: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = offset;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const start = at + COUNT_BYTES;
    at = start > bytes.length ? Infinity : start + view.getUint32(at, true);
    if (at > bytes.length) {
      throw new PointsError(
        "length",
        `Cannot read Cloudini: chunk ${chunk} of ${chunks} is cut off`,
      );
    }
  }
  if (at < bytes.length) {
    throw new PointsError(
      "length",
      `Cannot read Cloudini: ${bytes.length - at} bytes follow the last chunk`,
    );
  }
}
