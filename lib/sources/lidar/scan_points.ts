import { createCloud, type PointCloud } from "../../points/cloud.ts";
import { packFields, type PointField } from "../../points/field.ts";
import { TIME_FIELD, XYZ_FIELDS } from "./scan_fields.ts";

/** Bytes of a point: x, y, z and t, then two bytes, a byte and a byte. */
const STRIDE = 20;

/** How many values of each width a point takes, to step through the views. */
export const POINT_WORDS = STRIDE / 4;
export const POINT_HALVES = STRIDE / 2;
export const POINT_BYTES = STRIDE;

/** Where in a point what follows t is, in values of its own width. */
export const HALF_AT = 8;
export const FIRST_BYTE_AT = 18;
export const SECOND_BYTE_AT = 19;

/** Points that room is made for at first. */
const FIRST_ROOM = 4096;

/** What follows x, y, z and t in a point. */
export interface ScanPointsOptions {
  /** The uint16's name: which beam it was. */
  half: string;
  /** The names of the two uint8. */
  bytes: readonly [first: string, second: string];
  /** Most points of a scan. */
  most: number;
}

/**
 * The points of a scan while it grows. A decoder makes room for what a packet
 * may have, and then writes through the views, which are of one buffer.
 */
export class ScanPoints {
  /** Points so far; a decoder counts them up. */
  points = 0;
  floats: Float32Array<ArrayBuffer>;
  words: Uint32Array<ArrayBuffer>;
  halves: Uint16Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  readonly #fields: readonly PointField[];
  readonly #most: number;
  #room = FIRST_ROOM;

  constructor({ half, bytes, most }: ScanPointsOptions) {
    this.#most = most;
    this.#fields = packFields([
      ...XYZ_FIELDS,
      TIME_FIELD,
      { name: half, type: "uint16" },
      ...bytes.map((name) => ({ name, type: "uint8" } as const)),
    ]).fields;
    const buffer = new ArrayBuffer(0);
    this.floats = new Float32Array(buffer);
    this.words = new Uint32Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /**
   * Makes room for more points; the views may be others afterwards.
   *
   * @returns false where the scan would get more than its most.
   */
  reserve(more: number): boolean {
    const needed = this.points + more;
    if (needed > this.#most) return false;
    if (needed * STRIDE <= this.bytes.length) return true;
    while (this.#room < needed) this.#room *= 2;
    const before = this.bytes;
    this.#view(new ArrayBuffer(this.#room * STRIDE));
    this.bytes.set(before.subarray(0, this.points * STRIDE));
    return true;
  }

  /** Gives the points as a cloud, and starts with none. */
  take(): PointCloud {
    const { points, bytes } = this;
    const data = bytes.subarray(0, points * STRIDE);
    // The next scan is about as large.
    this.#room = Math.max(FIRST_ROOM, Math.ceil(points * 1.1));
    this.points = 0;
    this.#view(new ArrayBuffer(0));
    return createCloud({ data, fields: this.#fields, stride: STRIDE });
  }

  #view(buffer: ArrayBuffer): void {
    this.floats = new Float32Array(buffer);
    this.words = new Uint32Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }
}
