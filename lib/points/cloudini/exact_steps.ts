/**
 * Steps for float32 fields that nobody asked to round: where every value is a
 * whole number of some step, writing steps is exact, and smaller.
 */
import type { PointCloud } from "../cloud.ts";
import type { PointField } from "../field.ts";

/**
 * What is tried: whole numbers, parts of two, and tenths, hundredths and parts
 * of 255 and 127 as sensors give them. A tenth is no float32, and its multiples
 * are not the floats that are nearest to 0.1, 0.2, …; those of a seventh of it,
 * as it happens, are.
 */
const STEPS = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / (10 * 7)]
  .concat(1 / 128, 1 / 256, 1 / (255 * 3), 1 / 1024, 1 / (100 * 13))
  .concat(1 / (127 * 31))
  .map(Math.fround);

/** Points that are looked at before all are. */
const SAMPLE = 64;

/** Up to here, steps are exact as float32, however they are added up. */
const MAX_STEPS = 2 ** 24;

/** The bits of the NaN that the decoder gives. */
const NAN_BITS = 0x7fc00000;

/**
 * Finds a step of which every value of a float32 field is a whole number, bit
 * for bit after decoding.
 *
 * @returns the largest such step that is tried, or nothing.
 */
export function findExactStep(
  cloud: PointCloud,
  field: PointField,
): number | undefined {
  const each = Math.max(1, Math.floor(cloud.points / SAMPLE));
  return STEPS.find((step) =>
    areSteps(cloud, field, step, each) && areSteps(cloud, field, step, 1)
  );
}

/** Tells whether the values of every n-th point come back from steps. */
function areSteps(
  { data, stride, points }: PointCloud,
  { offset }: PointField,
  step: number,
  each: number,
): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const multiplier = Math.fround(1 / step);
  for (let i = 0, at = offset; i < points; i += each, at += each * stride) {
    const value = view.getFloat32(at, true);
    const steps = Math.round(Math.fround(value * multiplier));
    const isBack = Math.fround(steps * step) === value &&
      Math.abs(steps) < MAX_STEPS &&
      (value !== 0 || view.getInt32(at, true) === 0);
    if (!isBack && view.getInt32(at, true) !== NAN_BITS) return false;
  }
  return true;
}
