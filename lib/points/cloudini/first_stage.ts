/** Points in each chunk but the last, which may hold fewer. */
export const CHUNK_POINTS = 32_768;

/** The most bytes that a difference of int32 takes. */
export const MAX_STEP_BYTES = 5;

/** Differences of at most this many steps, either way, fit two bytes. */
export const TWO_BYTE_STEPS = 8191;

/** Where the difference 0 is in `VARINTS`. */
export const TABLE_CENTER = TWO_BYTE_STEPS + 1;

/**
 * By difference + TABLE_CENTER: its varint's two bytes, and above their number.
 */
export const VARINTS = new Int32Array(2 * TABLE_CENTER);
for (let delta = -TWO_BYTE_STEPS; delta <= TWO_BYTE_STEPS; delta++) {
  const u = ((delta << 1) ^ (delta >> 31)) + 1;
  VARINTS[delta + TABLE_CENTER] = u < 128
    ? u | 1 << 16
    : u & 127 | 128 | u >> 7 << 8 | 2 << 16;
}

/**
 * Added to a double of less than 2^51, this leaves the nearest integer, half
 * to even, in the low bits. Differences of such sums are exact.
 */
export const ROUND = 1.5 * 2 ** 52;

/**
 * Up to this many steps from 0, a whole chunk of differences that fit two
 * bytes can't lead out of int32: the fast loops start only there.
 */
export const FAST_STEPS = 2 ** 30;

/**
 * How a chunk is gone through, in turns: a fast loop takes what it can, up to
 * the first point that is not for it, and a thorough one takes a burst of
 * points from there.
 */
export interface Progress {
  /** Where the chunk's bytes have got to. */
  byte: number;
  /** Index of the value where the last burst ended. */
  resumed: number;
  /** Points of the last burst. */
  burst: number;
}

const MAX_BURST = 64;

/**
 * Tells how many points the thorough loop is to take from a value on: more
 * every time while the fast loop gets nowhere, else one.
 *
 * @param fastPoints how many the fast loop has just taken.
 */
export function nextBurst(progress: Progress, fastPoints: number): number {
  progress.burst = fastPoints < 8 ? Math.min(2 * progress.burst, MAX_BURST) : 1;
  return progress.burst;
}
