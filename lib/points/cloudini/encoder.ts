import { areSameFields, type PointCloud } from "../cloud.ts";
import {
  type CloudiniCompression,
  type CloudiniField,
  isCloudiniName,
  writeCloudiniHeader,
} from "./header.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import { encodeFirstStage } from "./first_stage_encoder.ts";
import type { CloudEncoder, EncodedCloud } from "../codec.ts";
import { encodeF32 } from "../f32/f32.ts";
import type { ZstdCompressor } from "../zstd/types.ts";

/** Options of the `cloudini` encoder. */
export interface CloudiniEncoderOptions {
  /**
   * Units for one step, of all fields or by field name: decoded values are
   * within half of it, and the rounding of float32. Fields that are not named
   * take the default.
   *
   * @default {0.001} a millimetre, where units are metres
   */
  resolution?: number | Readonly<Record<string, number>>;
  /** Factor of all steps. @default {1} */
  resolutionFactor?: number;
  /** Second stage. @default {"zstd"} */
  compression?: CloudiniCompression;
  /** As zstd counts levels; the reference uses 1. @default {1} */
  zstdLevel?: number;
  /** Compresses; needed unless `compression` is "none". */
  zstd?: ZstdCompressor;
  /** Called once, with why a cloud was encoded as f32 instead. */
  onFallback?(why: string): void;
}

/** Metres. */
const DEFAULT_RESOLUTION = 0.001;

/** The longest header, and the size of a chunk. */
const INITIAL_BYTES = 64 * 1024;

/**
 * Encodes clouds in the Cloudini format, version 5, with the reference's first
 * stage. What that can't hold (an infinity, more than 2^31 steps, more than 4
 * fields, a name that isn't plain ASCII) goes as f32 instead, whole and exact:
 * a view of the cloud's values.
 */
export class CloudiniEncoder implements CloudEncoder {
  readonly #options: CloudiniEncoderOptions;
  readonly #resolution: number | Readonly<Record<string, number>>;
  readonly #factor: number;
  readonly #compression: CloudiniCompression;
  readonly #compress: (stage: Uint8Array) => Uint8Array;
  #onFallback: ((why: string) => void) | undefined;
  /** The fields that `#fields` and `#multipliers` were made for. */
  #names: readonly string[] = [];
  #fields: CloudiniField[] = [];
  /** Steps for one unit, float32, of each field. */
  #multipliers = new Float64Array();
  #output = new Uint8Array(INITIAL_BYTES);

  /** @throws {RangeError} for a resolution that float32 can't work with. */
  constructor(options: CloudiniEncoderOptions = {}) {
    const { zstd, zstdLevel = 1, resolutionFactor = 1 } = options;
    this.#options = options;
    this.#factor = resolutionFactor;
    this.#resolution = options.resolution ?? DEFAULT_RESOLUTION;
    this.#compression = options.compression ?? "zstd";
    this.#onFallback = options.onFallback;
    if (this.#compression === "none") {
      this.#compress = (stage) => stage;
    } else if (zstd !== undefined) {
      this.#compress = (stage) => zstd(stage, zstdLevel);
    } else {
      throw new TypeError("Cannot compress without the option zstd");
    }
    const resolutions = typeof this.#resolution === "number"
      ? [this.#resolution]
      : [DEFAULT_RESOLUTION, ...Object.values(this.#resolution)];
    for (const step of resolutions) checkResolution(step * this.#factor);
  }

  get resolution(): number | undefined {
    const resolution = this.#resolution;
    return typeof resolution === "number"
      ? resolution * this.#factor
      : undefined;
  }

  /** @throws {RangeError} for a resolution that float32 can't work with. */
  coarser(factor: number): CloudiniEncoder {
    return new CloudiniEncoder({
      ...this.#options,
      resolutionFactor: factor * this.#factor,
      // The first of them to fall back says so, and no other.
      onFallback: (why) => this.#reportFallback(why),
    });
  }

  encode(cloud: PointCloud): EncodedCloud {
    const { points, values, fields } = cloud;
    const obstacle = findObstacle(fields);
    if (obstacle !== undefined) return this.#fallBack(cloud, obstacle);
    this.#use(fields);
    let at = this.#append(
      writeCloudiniHeader(points, this.#fields, this.#compression),
      0,
    );
    for (let point = 0; point < points; point += CHUNK_POINTS) {
      const stage = encodeFirstStage(
        values,
        point * fields.length,
        Math.min(CHUNK_POINTS, points - point),
        this.#multipliers,
      );
      if (stage === undefined) {
        return this.#fallBack(
          cloud,
          "a value is infinite or more than 2^31 resolutions from 0",
        );
      }
      at = this.#appendChunk(this.#compress(stage), at);
    }
    return { codec: "cloudini", bytes: this.#output.subarray(0, at) };
  }

  /** Prepares for fields, where they are not those of the last cloud. */
  #use(names: readonly string[]): void {
    if (areSameFields(names, this.#names)) return;
    this.#names = [...names];
    this.#fields = names.map((name) => ({
      name,
      resolution: Math.fround(this.#resolutionOf(name)),
    }));
    this.#multipliers = Float64Array.from(
      this.#fields,
      ({ resolution }) => Math.fround(1 / resolution),
    );
  }

  #resolutionOf(name: string): number {
    if (typeof this.#resolution === "number") {
      return this.#resolution * this.#factor;
    }
    const resolution = Object.hasOwn(this.#resolution, name)
      ? this.#resolution[name]
      : DEFAULT_RESOLUTION;
    return resolution * this.#factor;
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

  #fallBack(cloud: PointCloud, why: string): EncodedCloud {
    this.#reportFallback(why);
    return { codec: "f32", bytes: encodeF32(cloud.values) };
  }
}

/** Returns why clouds of these fields can't be encoded, if so. */
function findObstacle(fields: readonly string[]): string | undefined {
  // From 5 float fields on, the reference encodes each alone, by rules that
  // its files here don't show.
  if (fields.length > 4) return `${fields.length} fields, more than 4`;
  const name = fields.find((field) => !isCloudiniName(field));
  if (name !== undefined) return `field name ${JSON.stringify(name)}`;
}

function checkResolution(resolution: number): void {
  const inverse = Math.fround(1 / Math.fround(resolution));
  if (!(inverse > 0 && inverse < Infinity)) {
    throw new RangeError(`Cannot encode with resolution ${resolution}`);
  }
}
