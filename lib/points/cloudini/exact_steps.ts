/**
 * Finds steps that hold a float field exactly: what decoding gives for them is
 * each value, bit for bit. They are smaller than the values' own bits: an
 * intensity from 0 to 255 is whole numbers, a time a multiple of its last bit.
 */
import type { PointCloud } from "../cloud.ts";
import type { PointField } from "../field.ts";

/**
 * Units that sensors count in, beside powers of two. A tenth is no float32, and
 * its multiples are not always the floats that are nearest to 0.1, 0.2, …;
 * those of a seventh of it, as it happens, are. So hundredths have 13 parts,
 * and parts of 255, 127, 1023 and 4095 have 3, 31, 85 and 7.
 */
const UNITS = [
  ...[0.1, 0.05, 0.04, 0.02, 1 / (10 * 7), 0.01, 1 / 127, 0.005, 0.004],
  ...[1 / 255, 0.002, 1 / (255 * 3), 0.001, 1 / 1023, 1 / (100 * 13)],
  ...[1 / (127 * 31), 1 / 4095, 1e-4, 1 / (4095 * 7), 1 / 65_535],
  ...[1 / (1023 * 85), 1e-5, 1e-6],
].map(Math.fround);

/** Steps of float32 up to here are as exact in float32. */
const MAX_STEPS32 = 2 ** 24;
const MAX_STEPS64 = 2 ** 53;

/** Powers of two that float32 has, and their inverses. */
const MAX_EXPONENT = 100;

/** Points that are tried first: some in a row at a few places. */
const PROBE_PLACES = 4;
const PROBE_RUN = 32;

/** Varints of more bytes on average are no gain on raw bits. */
const MAX_BYTES32 = 2.5;
const MAX_BYTES64 = 4;

/** Adding this to a double of less than 2^51 leaves the nearest integer. */
const ROUND = 1.5 * 2 ** 52;

/** The NaN that decoding gives. */
const NAN32 = 0x7fc00000, NAN64_HIGH = 0x7ff80000;

/**
 * Finds the units for one step by which a float field is exact, and small.
 *
 * @returns float32, if there are any.
 */
export function findExactSteps(
  { data, stride, points }: PointCloud,
  { type, offset }: PointField,
): number | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const is32 = type === "float32";
  const values = { view, at: offset, stride, points, is32 };
  const probe = takeProbe(values);
  const isExactFor = is32 ? isExact32 : isExact64;
  const power = findPower(probe);
  if (power !== undefined && isSmall(probe, power)) {
    if (isExactFor(values, power)) return power;
    // A value that the probe lacks may be finer.
    const finer = findPower(values);
    return finer !== undefined && finer < power && isSmall(probe, finer) &&
        isExactFor(values, finer)
      ? finer
      : undefined;
  }
  if (!is32) return undefined;
  return UNITS.find((unit) =>
    isExact32(probe, unit) && isSmall(probe, unit) && isExact32(values, unit)
  );
}

/** Values of a field. */
interface Values {
  view: DataView;
  /** Byte where the first one is. */
  at: number;
  stride: number;
  points: number;
  is32: boolean;
}

function takeProbe({ view, at, stride, points, is32 }: Values): Values {
  const bytes = is32 ? 4 : 8;
  const run = Math.min(PROBE_RUN, points);
  const probe = new DataView(new ArrayBuffer(PROBE_PLACES * run * bytes));
  let to = 0;
  for (let place = 0; place < PROBE_PLACES; place++) {
    const first = Math.floor((points - run) * place / PROBE_PLACES);
    for (let i = first; i < first + run; i++, to += bytes) {
      const from = at + i * stride;
      probe.setInt32(to, view.getInt32(from, true), true);
      if (!is32) probe.setInt32(to + 4, view.getInt32(from + 4, true), true);
    }
  }
  return {
    ...{ view: probe, at: 0, stride: bytes, is32 },
    points: PROBE_PLACES * run,
  };
}

/** Finds the largest power of two that all values are multiples of. */
function findPower({ view, at, stride, points, is32 }: Values) {
  let least = Infinity;
  for (let i = 0, from = at; i < points; i++, from += stride) {
    const exponent = is32
      ? lastBit32(view.getInt32(from, true))
      : lastBit64(view.getInt32(from, true), view.getInt32(from + 4, true));
    if (exponent < least) least = exponent;
  }
  // Zeros alone, or nothing.
  if (least === Infinity) return 1;
  return Math.abs(least) <= MAX_EXPONENT ? 2 ** least : undefined;
}

/** The exponent of the last bit; `Infinity` for 0 and what is no number. */
function lastBit32(bits: number): number {
  const exponent = bits >>> 23 & 0xff;
  if (exponent === 0 || exponent === 0xff) {
    return bits << 1 === 0 || exponent !== 0 ? Infinity : -Infinity;
  }
  return exponent - 127 - 23 + trailingZeros(bits | 1 << 23);
}

function lastBit64(lo: number, hi: number): number {
  const exponent = hi >>> 20 & 0x7ff;
  if (exponent === 0 || exponent === 0x7ff) {
    const isZero = lo === 0 && hi << 1 === 0;
    return isZero || exponent !== 0 ? Infinity : -Infinity;
  }
  const zeros = lo !== 0 ? trailingZeros(lo) : 32 + trailingZeros(hi | 1 << 20);
  return exponent - 1023 - 52 + zeros;
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Tells whether the differences of steps take few bytes. */
function isSmall({ view, at, stride, points, is32 }: Values, unit: number) {
  let bytes = 0, previous = 0;
  for (let i = 0, from = at; i < points; i++, from += stride) {
    const value = is32
      ? view.getFloat32(from, true)
      : view.getFloat64(from, true);
    const steps = value / unit || 0;
    if (i % PROBE_RUN > 0) {
      bytes += Math.max(1, Math.log2(2 * Math.abs(steps - previous) + 1) / 7);
    }
    previous = steps;
  }
  return bytes <= points * (is32 ? MAX_BYTES32 : MAX_BYTES64);
}

function isExact32(
  { view, at, stride, points }: Values,
  unit: number,
): boolean {
  const multiplier = Math.fround(1 / unit);
  for (let i = 0, from = at; i < points; i++, from += stride) {
    const value = view.getFloat32(from, true);
    const product = Math.fround(value * multiplier);
    const steps = product + ROUND - ROUND;
    // False for what isn't a number, and for ties, whose way isn't one.
    const isNear = Math.abs(product) < MAX_STEPS32 &&
      Math.abs(product - steps) < 0.25;
    if (isNear && steps !== 0) {
      if (Math.fround(steps * unit) !== value) return false;
    } else {
      const bits = view.getInt32(from, true);
      if (bits !== 0 && bits !== NAN32) return false;
    }
  }
  return true;
}

function isExact64(
  { view, at, stride, points }: Values,
  unit: number,
): boolean {
  // A power of two, so that products are exact.
  const multiplier = 1 / unit;
  for (let i = 0, from = at; i < points; i++, from += stride) {
    const steps = view.getFloat64(from, true) * multiplier;
    if (
      Math.abs(steps) <= MAX_STEPS64 && steps !== 0 &&
      Math.trunc(steps) === steps
    ) continue;
    const lo = view.getInt32(from, true), hi = view.getInt32(from + 4, true);
    if (lo !== 0 || hi !== 0 && hi !== NAN64_HIGH) return false;
  }
  return true;
}
