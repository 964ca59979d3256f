import type { Histogram } from "../histogram.ts";
import { ageOf, type EncodedFrame } from "../wire/frame.ts";

/** Ranges that latencies are counted in: a LAN to a bad satellite link. */
export const LATENCY_BOUNDS_S: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
];

/** More shows a clock that is wrong. */
const MAX_LATENCY_S = 60;

/**
 * Counts the time since a frame's capture, on two machines' clocks. What shows
 * only that these differ is left out: a time to come, or more than a minute
 * ago.
 *
 * @param now milliseconds since the Unix epoch.
 */
export function observeLatency(
  latency: Histogram,
  frame: Pick<EncodedFrame, "captureTime" | "clock">,
  now: number = Date.now(),
): void {
  const seconds = ageOf(frame, now) / 1000;
  if (seconds >= 0 && seconds <= MAX_LATENCY_S) latency.observe(seconds);
}
