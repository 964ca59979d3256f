import { pack, type PointCloud } from "../cloud.ts";
import type { CloudEncoder, EncodedCloud } from "../codec.ts";
import { isFloat, type PointField, XYZ } from "../field.ts";
import { lz4Compress } from "../lz4/lz4.ts";
import type { ZstdCompressor } from "../zstd/types.ts";
import { findExactSteps } from "./exact_steps.ts";
import { orderFields } from "./field_order.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import { findFieldsFault, MAX_FIELDS } from "./header_fields.ts";
import {
  type CloudiniCompression,
  type CloudiniEncoding,
  type CloudiniField,
  VERSION,
} from "./info.ts";
import { ruleFields } from "./rules.ts";
import { StageEncoder } from "./stage_encoder.ts";
import { isCloudiniName, writeCloudiniHeader } from "./yaml_header.ts";

/** Options of the `cloudini` encoder. */
export interface CloudiniEncoderOptions {
  /**
   * Units for one step of positions: of the fields x, y and z, where they are
   * floats. Decoded values are within half of it, and the rounding of their
   * type.
   *
   * @default {0.001} a millimetre, where units are metres
   */
  resolution?: number;
  /**
   * Units for one step of further fields, by name, or of x, y or z alone. What
   * isn't a float field of a cloud is passed over: integers stay exact.
   */
  resolutions?: Readonly<Record<string, number>>;
  /** Factor of all steps. @default {1} */
  resolutionFactor?: number;
  /**
   * First stage: `lossy` rounds positions and the fields of `resolutions` to
   * steps, and no others; `lossless` and `none` round nothing.
   *
   * @default {"lossy"}
   */
  encoding?: CloudiniEncoding;
  /** Second stage. @default {"zstd"} */
  compression?: CloudiniCompression;
  /** As zstd counts levels; the reference uses 1. @default {1} */
  zstdLevel?: number;
  /** Compresses; needed where `compression` is "zstd". */
  zstd?: ZstdCompressor;
  /** Called once, with why a cloud was encoded as `raw` instead. */
  onFallback?(why: string): void;
}

/** Metres. */
const DEFAULT_RESOLUTION = 0.001;

/** The longest header of few fields, and the size of a chunk. */
const INITIAL_BYTES = 64 * 1024;

/** Bytes of the count before each chunk. */
const COUNT_BYTES = 4;

/**
 * Encodes clouds in the Cloudini format, version 5, with the reference's first
 * stage. Only positions and fields that `resolutions` names are rounded; all
 * else is exact, bit for bit. A field whose steps can't hold a value (an
 * infinity, more than 2^31 steps) is written exactly too. A cloud that the
 * format can't hold (more than 1024 fields, a name that isn't plain ASCII) goes
 * as `raw`.
 */
export class CloudiniEncoder implements CloudEncoder {
  readonly #options: CloudiniEncoderOptions;
  readonly #factor: number;
  readonly #encoding: CloudiniEncoding;
  readonly #compression: CloudiniCompression;
  readonly #compress: (stage: Uint8Array) => Uint8Array;
  #onFallback: ((why: string) => void) | undefined;
  /** The fields of `#stages`. */
  #fields: readonly CloudiniField[] = [];
  #stages: StageEncoder | undefined;
  #output = new Uint8Array(INITIAL_BYTES);

  /**
   * @throws {RangeError} for a resolution that float32 can't work with.
   * @throws {TypeError} where zstd is asked for, but not given.
   */
  constructor(options: CloudiniEncoderOptions = {}) {
    this.#options = options;
    this.#factor = options.resolutionFactor ?? 1;
    this.#encoding = options.encoding ?? "lossy";
    this.#compression = options.compression ?? "zstd";
    this.#compress = createCompressor(this.#compression, options);
    this.#onFallback = options.onFallback;
    const { resolution = DEFAULT_RESOLUTION, resolutions = {} } = options;
    for (const step of [resolution, ...Object.values(resolutions)]) {
      checkResolution(step * this.#factor);
    }
  }

  get resolution(): number | undefined {
    return this.#encoding === "lossy" ? this.#resolution : undefined;
  }

  get #resolution(): number {
    return (this.#options.resolution ?? DEFAULT_RESOLUTION) * this.#factor;
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
    const obstacle = findObstacle(cloud);
    if (obstacle !== undefined) return this.#fallBack(cloud, obstacle);
    const apart = findFieldsFault(cloud) === undefined ? cloud : pack(cloud);
    const { fields, stride, width, height, points } = apart;
    const rounded = this.#findRounded(fields);
    const exact = this.#findExact(apart, rounded);
    for (;;) {
      const steps = { ...exact, ...rounded };
      const end = this.#write(apart, orderFields(fields, steps));
      if (typeof end === "string") {
        delete rounded[end];
        delete exact[end];
        continue;
      }
      return {
        codec: "cloudini",
        bytes: this.#output.subarray(0, end),
        shape: {
          fields: fields.toSorted((a, b) => a.offset - b.offset),
          ...{ stride, width, height, points },
        },
        steps: rounded,
      };
    }
  }

  /** Finds the fields that are to be rounded, and their steps. */
  #findRounded(fields: readonly PointField[]): Record<string, number> {
    const steps: Record<string, number> = {};
    if (this.#encoding !== "lossy") return steps;
    for (const { name, type } of fields) {
      const resolution = this.#resolutionOf(name);
      if (resolution === undefined || !isFloat(type)) continue;
      steps[name] = Math.fround(resolution);
    }
    return steps;
  }

  /** Finds the steps of other fields, where there are some that round nothing. */
  #findExact(
    cloud: PointCloud,
    rounded: Record<string, number>,
  ): Record<string, number> {
    const steps: Record<string, number> = {};
    if (this.#encoding !== "lossy") return steps;
    for (const field of cloud.fields) {
      if (field.name in rounded || !isFloat(field.type)) continue;
      const unit = findExactSteps(cloud, field);
      if (unit !== undefined) steps[field.name] = unit;
    }
    return steps;
  }

  #resolutionOf(name: string): number | undefined {
    const { resolutions = {} } = this.#options;
    if (Object.hasOwn(resolutions, name)) {
      return resolutions[name] * this.#factor;
    }
    return XYZ.includes(name) ? this.#resolution : undefined;
  }

  /**
   * Writes a buffer to `#output`.
   *
   * @returns where it ends, or the name of a field whose steps can't hold a
   * value.
   */
  #write(cloud: PointCloud, fields: CloudiniField[]): number | string {
    const { stride, width, height, points } = cloud;
    const stages = this.#use(fields);
    const info = {
      ...{ width, height, stride, fields },
      encoding: this.#encoding,
      compression: this.#compression,
    };
    let at = this.#append(writeCloudiniHeader(info), 0);
    stages.begin(cloud);
    for (let first = 0; first < points; first += CHUNK_POINTS) {
      const stage = stages.encode(
        first,
        Math.min(CHUNK_POINTS, points - first),
      );
      if (typeof stage === "string") return stage;
      at = this.#appendChunk(this.#compress(stage), at);
    }
    return at;
  }

  /** Prepares for fields, where they are not those of the last cloud. */
  #use(fields: readonly CloudiniField[]): StageEncoder {
    if (this.#stages !== undefined && areSame(fields, this.#fields)) {
      return this.#stages;
    }
    this.#fields = fields;
    return this.#stages = new StageEncoder(
      ruleFields({ version: VERSION, encoding: this.#encoding, fields }),
    );
  }

  /** Appends a chunk's byte count and bytes. */
  #appendChunk(chunk: Uint8Array, at: number): number {
    const end = this.#append(chunk, at + COUNT_BYTES);
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
    const { data, ...shape } = pack(cloud);
    return { codec: "raw", bytes: data, shape, steps: {} };
  }
}

function createCompressor(
  compression: CloudiniCompression,
  { zstd, zstdLevel = 1 }: CloudiniEncoderOptions,
): (stage: Uint8Array) => Uint8Array {
  if (compression === "none") return (stage) => stage;
  if (compression === "lz4") return lz4Compress;
  if (zstd !== undefined) return (stage) => zstd(stage, zstdLevel);
  throw new TypeError("Cannot compress without the option zstd");
}

/** Returns why a cloud can't be encoded, if so. */
function findObstacle({ fields }: PointCloud): string | undefined {
  if (fields.length > MAX_FIELDS) {
    return `${fields.length} fields, more than ${MAX_FIELDS}`;
  }
  const field = fields.find(({ name }) => !isCloudiniName(name));
  if (field !== undefined) return `field name ${JSON.stringify(field.name)}`;
}

function areSame(
  a: readonly CloudiniField[],
  b: readonly CloudiniField[],
): boolean {
  return a.length === b.length &&
    a.every((field, i) =>
      field.name === b[i].name && field.type === b[i].type &&
      field.offset === b[i].offset && field.resolution === b[i].resolution
    );
}

function checkResolution(resolution: number): void {
  const inverse = Math.fround(1 / Math.fround(resolution));
  if (!(inverse > 0 && inverse < Infinity)) {
    throw new RangeError(`Cannot encode with resolution ${resolution}`);
  }
}
