/**
 * What a cloud spans, robustly: percentiles of a sample of its points, so that
 * a few strays neither wash the colours out nor push the view away.
 */

import { findField, type PointCloud, type Pose } from "../points/cloud.ts";
import { numberReader, type PointField, XYZ } from "../points/field.ts";
import { rotationOf } from "./placement.ts";
import type { Vector } from "./vector.ts";

/** A closed interval, low ≤ high. */
export interface Range {
  low: number;
  high: number;
}

/** An upright box, metres. */
export interface Box {
  min: [x: number, y: number, z: number];
  max: [x: number, y: number, z: number];
}

/** What the points of a cloud span. */
export interface CloudRanges {
  /** Of z, where the cloud stands; metres. */
  height: Range;
  /** Of the distance from the eye, metres. */
  distance: Range;
  /** Of the places where they stand. */
  box: Box;
}

/** Points that are looked at; some thousands give percentiles to about 1 %. */
const SAMPLE = 2048;

/** Shares of the points below and above a colour range. */
const COLOR_TAIL = 0.02;

/** Shares of the points below and above a side of the box, at the most. */
const BOX_TAIL = 0.004;

/**
 * Outdoors, few points are very far away: the box reaches no farther beyond
 * what holds nearly all of them than by this share of it.
 */
const CORE_TAIL = 0.025;
const CORE_MARGIN = 0.15;

/** Looks at clouds, one after the other, without allocating for each. */
export class RangeSampler {
  readonly #places = Array.from({ length: 3 }, () => new Float64Array(SAMPLE));
  readonly #sorted = Array.from({ length: 3 }, () => new Float64Array(SAMPLE));
  readonly #others = new Float64Array(SAMPLE);
  #count = 0;

  /**
   * Looks at the places of a cloud's points. Those without a finite position
   * are passed over.
   *
   * @returns the middle of them; nothing for a cloud without a finite point.
   */
  look(cloud: PointCloud): Vector | undefined {
    const [readX, readY, readZ] = XYZ.map((name) =>
      fieldReader(cloud, findField(cloud, name)!)
    );
    const [xs, ys, zs] = this.#places;
    let count = 0;
    for (const i of sampled(cloud.points)) {
      const x = readX(i), y = readY(i), z = readZ(i);
      if (!Number.isFinite(x + y + z)) continue;
      xs[count] = x;
      ys[count] = y;
      zs[count++] = z;
    }
    this.#count = count;
    if (count === 0) return undefined;
    const [x, y, z] = this.#places.map((column, i) => {
      this.#sorted[i].set(column);
      return this.#sorted[i].subarray(0, count).sort()[count >> 1];
    });
    return [x, y, z];
  }

  /**
   * Measures the cloud that was looked at.
   *
   * @param eye from where distances are taken, in the cloud's coordinates.
   * @param pose where those stand. @default {where they are}
   */
  measure([x, y, z]: Vector, pose?: Pose): CloudRanges {
    const count = this.#count;
    const [xs, ys, zs] = this.#places;
    const far = this.#others;
    for (let i = 0; i < count; i++) {
      far[i] = Math.hypot(xs[i] - x, ys[i] - y, zs[i] - z);
    }
    if (pose !== undefined) this.#place(pose);
    const sorted = this.#sorted.map((column) => column.subarray(0, count));
    const sides = sorted.map(sideOf);
    return {
      height: rangeOf(sorted[2], COLOR_TAIL),
      distance: rangeOf(far.subarray(0, count).sort(), COLOR_TAIL),
      box: {
        min: [sides[0].low, sides[1].low, sides[2].low],
        max: [sides[0].high, sides[1].high, sides[2].high],
      },
    };
  }

  /** Puts the places into order once more, where they stand. */
  #place(pose: Pose): void {
    const count = this.#count;
    const [xs, ys, zs] = this.#places;
    const { translation } = pose;
    rotationOf(pose).forEach(([a, b, c], i) => {
      const column = this.#sorted[i].subarray(0, count);
      const shift = translation[i];
      for (let k = 0; k < count; k++) {
        column[k] = a * xs[k] + b * ys[k] + c * zs[k] + shift;
      }
      column.sort();
    });
  }

  /**
   * Looks at the values of one field of a cloud, wherever its points are.
   *
   * @returns those that are finite, in order, until the next call.
   */
  values(cloud: PointCloud, field: PointField): Float64Array {
    const read = fieldReader(cloud, field);
    const values = this.#others;
    let count = 0;
    for (const i of sampled(cloud.points)) {
      const value = read(i);
      if (Number.isFinite(value)) values[count++] = value;
    }
    return values.subarray(0, count).sort();
  }
}

/** Gives the range for colours of values in order; there is at least one. */
export function colorRange(sorted: Float64Array): Range {
  return rangeOf(sorted, COLOR_TAIL);
}

/** Indices of the points that are looked at. */
function* sampled(points: number): Generator<number> {
  const step = Math.max(1, points / SAMPLE);
  const count = Math.min(points, SAMPLE);
  for (let i = 0; i < count; i++) yield Math.floor(i * step);
}

/** Returns what reads a field of the point of an index. */
function fieldReader(
  { data, stride }: PointCloud,
  { type, offset }: PointField,
): (i: number) => number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const read = numberReader(type);
  return (i) => read(view, i * stride + offset);
}

/** Gives sorted values without a share of them at either end. */
function rangeOf(sorted: Float64Array, tail: number): Range {
  const cut = Math.floor(sorted.length * tail);
  return { low: sorted[cut], high: sorted[sorted.length - 1 - cut] };
}

function sideOf(sorted: Float64Array): Range {
  const all = rangeOf(sorted, BOX_TAIL);
  const core = rangeOf(sorted, CORE_TAIL);
  const margin = CORE_MARGIN * (core.high - core.low);
  return {
    low: Math.max(all.low, core.low - margin),
    high: Math.min(all.high, core.high + margin),
  };
}

/** How much of the way to a new range is gone with each frame. */
const EASE = 0.12;

/** Follows a range from frame to frame, slowly: colours don't flicker. */
export class SmoothRange {
  #range: Range | undefined;

  /** The range so far; nothing before the first. */
  get range(): Range | undefined {
    return this.#range;
  }

  /** Takes a frame's range. One that has little in common replaces it. */
  push(next: Range): Range {
    const now = this.#range;
    this.#range = now === undefined || !isAlike(now, next) ? { ...next } : {
      low: now.low + (next.low - now.low) * EASE,
      high: now.high + (next.high - now.high) * EASE,
    };
    return this.#range;
  }

  /** Begins another stream, and forgets all. */
  reset(): void {
    this.#range = undefined;
  }
}

/** Times move on from frame to frame: what they have in common is little. */
const LEAST_COMMON = 0.5;

function isAlike(a: Range, b: Range): boolean {
  const common = Math.min(a.high, b.high) - Math.max(a.low, b.low);
  const least = Math.min(a.high - a.low, b.high - b.low);
  return common >= least * LEAST_COMMON;
}
