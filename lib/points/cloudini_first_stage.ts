/** Points in each chunk but the last, which may hold fewer. */
export const CHUNK_POINTS = 32_768;

/** The most bytes that the first stage takes for one value. */
export const MAX_VALUE_BYTES = 5;

/**
 * Up to this many steps from 0, a whole chunk of differences that fit two
 * bytes can't lead out of int32: the fast loops start only there.
 */
export const FAST_STEPS = 2 ** 30;

/** Differences of at most this many steps, either way, fit two bytes. */
export const TWO_BYTE_STEPS = 8191;
