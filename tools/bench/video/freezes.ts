/** How a picture moved, from the times at which its frames were shown. */

/** The measure of W3C webrtc-stats, `freezeCount`: frames that make the mean. */
const MEAN_FRAMES = 30;
/** An interval is a freeze when it exceeds the mean by so much, and … */
const LEAST_MS = 150;
/** … is longer than so many means. */
const LEAST_MEANS = 3;

/** The frozen times of a picture. */
export interface Freezes {
  count: number;
  /** All of them, milliseconds: whole intervals, as W3C has it. */
  totalMs: number;
  longestMs: number;
}

/**
 * Finds the freezes as W3C webrtc-stats defines them, by the mean of the last
 * 30 intervals. Other than there, a picture that stands still at the end is
 * frozen until `until`, and one of a single frame all the time.
 *
 * @param times at which frames were shown, ascending, milliseconds.
 * @param until the end of the measurement on the same clock.
 */
export function findFreezes(
  times: readonly number[],
  until: number,
): Freezes {
  const freezes: Freezes = { count: 0, totalMs: 0, longestMs: 0 };
  const recent: number[] = [];
  for (let i = 1; i <= times.length; i++) {
    const isLast = i === times.length;
    const interval = (isLast ? until : times[i]) - times[i - 1];
    const mean = recent.length === 0
      ? 0
      : recent.reduce((sum, each) => sum + each, 0) / recent.length;
    // The first interval has nothing to be compared with.
    const least = recent.length === 0 && !isLast
      ? Infinity
      : Math.max(LEAST_MEANS * mean, mean + LEAST_MS);
    if (interval > least) {
      freezes.count++;
      freezes.totalMs += interval;
      freezes.longestMs = Math.max(freezes.longestMs, interval);
    }
    recent.push(interval);
    if (recent.length > MEAN_FRAMES) recent.shift();
  }
  return freezes;
}

/** Counts the times in each whole second from `start` to `until`. */
export function countPerSecond(
  times: readonly number[],
  start: number,
  until: number,
): number[] {
  const seconds = Math.max(0, Math.floor((until - start) / 1000));
  const counts: number[] = Array(seconds).fill(0);
  for (const time of times) {
    const second = Math.floor((time - start) / 1000);
    if (second >= 0 && second < seconds) counts[second]++;
  }
  return counts;
}

/** Seconds of one mean, in {@linkcode findRecovery}. */
const SMOOTH_SECONDS = 3;

/**
 * Finds how long a rate takes to come back.
 *
 * @param perSecond a rate in each second.
 * @param from the second at which the way is free again.
 * @param full what the rate is to reach, in the mean of three seconds.
 * @returns seconds after `from`; nothing where it never does.
 */
export function findRecovery(
  perSecond: readonly number[],
  from: number,
  full: number,
): number | undefined {
  for (let at = from; at + SMOOTH_SECONDS <= perSecond.length; at++) {
    const part = perSecond.slice(at, at + SMOOTH_SECONDS);
    if (meanOf(part) >= full) return at - from;
  }
}

/** The mean; 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The nearest-rank percentile.
 *
 * @returns nothing where there is no value.
 */
export function percentile(
  values: readonly number[],
  share: number,
): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1];
}
