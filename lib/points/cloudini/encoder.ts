import { type PointCloud, viewOf } from "../cloud.ts";
import type { CloudEncoder, EncodedCloud } from "../codec.ts";
import { PointsError } from "../errors.ts";
import { lz4Compress } from "../lz4/lz4.ts";
import { encodeRaw } from "../raw/codec.ts";
import type { ZstdCompressor } from "../zstd/types.ts";
import { ChunkEncoder } from "./chunk_encoder.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import { checkCloudiniFields } from "./header_fields.ts";
import type {
  CloudiniCompression,
  CloudiniEncoding,
  CloudiniField,
  CloudiniInfo,
} from "./info.ts";
import { FieldPlanner } from "./plan.ts";
import { isCloudiniName, writeCloudiniHeader } from "./yaml_header.ts";

/** Options of the `cloudini` encoder. */
export interface CloudiniEncoderOptions {
  /**
   * Units for one step of positions: x, y and z, where they are floats. Decoded
   * values are within half of it, and the rounding of their type.
   *
   * @default {0.001} a millimetre, where units are metres
   */
  resolution?: number;
  /**
   * Units for one step of further float fields, by name; of x, y or z in place
   * of `resolution`. Fields that are not named are exact.
   */
  resolutions?: Readonly<Record<string, number>>;
  /** Factor of all steps. @default {1} */
  resolutionFactor?: number;
  /** Which of x, y and z are not rounded. @default {[]} */
  exact?: readonly string[];
  /** First stage: with `lossless` and `none` positions are exact too. */
  encoding?: CloudiniEncoding;
  /** Second stage. @default {"zstd"} */
  compression?: CloudiniCompression;
  /** As zstd counts levels; the reference uses 1. @default {1} */
  zstdLevel?: number;
  /** Compresses; needed where `compression` is "zstd". */
  zstd?: ZstdCompressor;
  /** Called once, with why a cloud was encoded as raw bytes instead. */
  onFallback?(why: string): void;
}

/** Metres. */
const DEFAULT_RESOLUTION = 0.001;

/** The longest header, and the size of a chunk. */
const INITIAL_BYTES = 64 * 1024;

/**
 * Encodes clouds in the Cloudini format, version 5, with the reference's first
 * stage. Float32 fields that nobody asked to round are written in steps where
 * that is exact. A field that its steps can't hold is written as it is; a cloud
 * that the format can't hold at all (a name that isn't plain ASCII, fields that
 * overlap) goes as raw bytes.
 */
export class CloudiniEncoder implements CloudEncoder {
  readonly #options: CloudiniEncoderOptions;
  readonly #compression: CloudiniCompression;
  readonly #compress: (stage: Uint8Array) => Uint8Array;
  readonly #encoding: CloudiniEncoding;
  readonly #planner: FieldPlanner;
  readonly #resolution: number;
  #onFallback: ((why: string) => void) | undefined;
  #chunks: ChunkEncoder | undefined;
  #output = new Uint8Array(INITIAL_BYTES);

  /** @throws {RangeError} for a resolution that float32 can't work with. */
  constructor(options: CloudiniEncoderOptions = {}) {
    const { zstd, zstdLevel = 1, resolutionFactor = 1 } = options;
    const { resolution = DEFAULT_RESOLUTION, resolutions = {} } = options;
    this.#options = options;
    this.#compression = options.compression ?? "zstd";
    this.#encoding = options.encoding ?? "lossy";
    this.#onFallback = options.onFallback;
    this.#compress = createCompress(this.#compression, zstd, zstdLevel);
    for (const step of [resolution, ...Object.values(resolutions)]) {
      checkResolution(step * resolutionFactor);
    }
    this.#resolution = resolution * resolutionFactor;
    this.#planner = new FieldPlanner(this.#encoding, {
      resolution,
      resolutions,
      factor: resolutionFactor,
      exact: options.exact,
    });
  }

  get resolution(): number | undefined {
    return this.#encoding === "lossy" ? this.#resolution : undefined;
  }

  /** @throws {RangeError} for a resolution that float32 can't work with. */
  coarser(factor: number): CloudiniEncoder {
    const { resolutionFactor = 1 } = this.#options;
    return new CloudiniEncoder({
      ...this.#options,
      resolutionFactor: factor * resolutionFactor,
      // The first of them to fall back says so, and no other.
      onFallback: (why) => this.#reportFallback(why),
    });
  }

  encode(cloud: PointCloud): EncodedCloud {
    const obstacle = this.#findObstacle(cloud);
    if (obstacle !== undefined) {
      this.#reportFallback(obstacle);
      return { ...encodeRaw(cloud), codec: "raw" };
    }
    const exact = new Set<string>();
    while (true) {
      const fields = this.#planner.plan(cloud, exact);
      const end = this.#encode(cloud, fields);
      if (typeof end === "string") {
        exact.add(end);
        continue;
      }
      const { stride, width, height, points } = cloud;
      const inOrder = cloud.fields.toSorted((a, b) => a.offset - b.offset);
      return {
        codec: "cloudini",
        bytes: this.#output.subarray(0, end),
        shape: { fields: inOrder, stride, width, height, points },
        steps: this.#planner.askedSteps(fields),
      };
    }
  }

  /**
   * Writes a cloud down.
   *
   * @returns where it ends, or the name of a field whose steps can't hold a
   * value.
   */
  #encode(
    cloud: PointCloud,
    fields: readonly CloudiniField[],
  ): number | string {
    const info = this.#infoOf(cloud, fields);
    const chunks = this.#chunksFor(info);
    let at = this.#append(writeCloudiniHeader(info), 0);
    const view = viewOf(cloud);
    for (let first = 0; first < cloud.points; first += CHUNK_POINTS) {
      const stage = chunks.encode({
        view,
        start: first * cloud.stride,
        stride: cloud.stride,
        points: Math.min(CHUNK_POINTS, cloud.points - first),
      });
      if (typeof stage === "string") return stage;
      at = this.#appendChunk(this.#compress(stage), at);
    }
    return at;
  }

  #infoOf(
    { width, height, stride }: PointCloud,
    fields: readonly CloudiniField[],
  ): CloudiniInfo {
    const encoding = this.#encoding, compression = this.#compression;
    return { width, height, stride, encoding, compression, fields };
  }

  /** Gives the encoder of the last cloud where its fields are these. */
  #chunksFor(info: CloudiniInfo): ChunkEncoder {
    if (!this.#chunks?.isFor(info)) this.#chunks = new ChunkEncoder(info);
    this.#chunks.reset();
    return this.#chunks;
  }

  /** Returns why a cloud can't be encoded, if so. */
  #findObstacle(cloud: PointCloud): string | undefined {
    const name = cloud.fields.find(({ name }) => !isCloudiniName(name))?.name;
    if (name !== undefined) return `field name ${JSON.stringify(name)}`;
    try {
      checkCloudiniFields(this.#infoOf(cloud, cloud.fields));
    } catch (error) {
      if (error instanceof PointsError) return error.message;
      throw error;
    }
  }

  /** Appends a chunk's byte count and bytes. */
  #appendChunk(chunk: Uint8Array, at: number): number {
    const end = this.#append(chunk, at + 4);
    new DataView(this.#output.buffer).setUint32(at, chunk.length, true);
    return end;
  }

  #append(bytes: Uint8Array, at: number): number {
    const end = at + bytes.length;
    if (end > this.#output.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#output.length));
      larger.set(this.#output.subarray(0, at));
      this.#output = larger;
    }
    this.#output.set(bytes, at);
    return end;
  }

  #reportFallback(why: string): void {
    this.#onFallback?.(why);
    this.#onFallback = undefined;
  }
}

function createCompress(
  compression: CloudiniCompression,
  zstd: ZstdCompressor | undefined,
  level: number,
): (stage: Uint8Array) => Uint8Array {
  switch (compression) {
    case "none":
      return (stage) => stage;
    case "lz4":
      return lz4Compress;
    case "zstd":
      if (zstd !== undefined) return (stage) => zstd(stage, level);
      throw new TypeError("Cannot compress without the option zstd");
  }
}

function checkResolution(resolution: number): void {
  const inverse = Math.fround(1 / Math.fround(resolution));
  if (!(inverse > 0 && inverse < Infinity)) {
    throw new RangeError(`Cannot encode with resolution ${resolution}`);
  }
}
