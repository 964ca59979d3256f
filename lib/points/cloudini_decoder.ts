import { type PointCloud, pointCloud } from "./cloud.ts";
import { type CloudiniHeader, readCloudiniHeader } from "./cloudini_header.ts";
import { CHUNK_POINTS, MAX_VALUE_BYTES } from "./cloudini_first_stage.ts";
import { decodeFirstStage } from "./cloudini_first_stage_decoder.ts";
import type { CloudDecoder } from "./codec.ts";
import { PointsError } from "./errors.ts";
import type { ZstdDecompressor } from "./zstd.ts";

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

  decode(bytes: Uint8Array): PointCloud {
    const { header, offset } = readCloudiniHeader(bytes);
    const points = this.#countPoints(header);
    const chunks = splitChunks(bytes, offset, points);
    const names = header.fields.map(({ name }) => name);
    const fields = names.length;
    const resolutions = Float64Array.from(
      header.fields,
      ({ resolution }) => resolution,
    );
    let first = 0;
    for (const chunk of chunks) {
      const chunkPoints = Math.min(CHUNK_POINTS, points - first);
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
      first += chunkPoints;
    }
    return pointCloud(this.#values.subarray(0, points * fields), names);
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

/**
 * Finds the chunks, each a uint32 byte count and its bytes, before anything
 * is allocated for their points.
 */
function splitChunks(
  bytes: Uint8Array,
  offset: number,
  points: number,
): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const due = Math.ceil(points / CHUNK_POINTS);
  const chunks: Uint8Array[] = [];
  let at = offset;
  while (chunks.length < due) {
    const start = at + 4;
    const end = start > bytes.length ? Infinity : start +
      view.getUint32(at, true);
    if (end > bytes.length) {
      throw new PointsError(
        "length",
        `Cannot read Cloudini: chunk ${chunks.length} of ${due} is cut off`,
      );
    }
    chunks.push(bytes.subarray(start, end));
    at = end;
  }
  if (at < bytes.length) {
    throw new PointsError(
      "length",
      `Cannot read Cloudini: ${bytes.length - at} bytes follow the last chunk`,
    );
  }
  return chunks;
}
