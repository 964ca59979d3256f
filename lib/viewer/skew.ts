/** How far a picture and the points are apart in the time of their capture. */
import type { TrackClockMessage } from "../wire/messages.ts";
import { RecentValues } from "./counters.ts";

/** What the clocks of a track show at one moment. */
export type TrackClock = Pick<
  TrackClockMessage,
  "rtpTimestamp" | "clockRate" | "time"
>;

/** A skew beyond this is a mistake of somebody's clock, milliseconds. */
const MOST_MS = 30_000;

/** Tells when a picture was captured, by the publisher's clock. */
export function captureTimeOf(clock: TrackClock, rtpTimestamp: number): number {
  // Timestamps wrap: the difference is a signed number of 32 bits.
  const ticks = (rtpTimestamp - clock.rtpTimestamp) | 0;
  return clock.time + ticks / clock.clockRate * 1000;
}

/**
 * Follows how far the picture that is shown is behind the points that are drawn
 * at that moment. Both times are the publisher's: no other clock matters.
 */
export class Skew {
  /** What the clocks of its track show. */
  clock: TrackClock | undefined;
  readonly #values = new RecentValues();

  /** Tells when a picture was captured, where its clock is known. */
  timeOf(rtpTimestamp: number): number | undefined {
    return this.clock && captureTimeOf(this.clock, rtpTimestamp);
  }

  /**
   * Takes a picture that is shown.
   *
   * @param now milliseconds of any one origin.
   * @param picture when it was captured, where that is known.
   * @param points when the points were captured that are drawn now.
   */
  push(
    now: number,
    picture: number | undefined,
    points: number | undefined,
  ): void {
    if (picture === undefined || points === undefined) return;
    const behind = points - picture;
    if (Math.abs(behind) <= MOST_MS) this.#values.push(now, behind);
  }

  /**
   * Gives the median of the last three seconds, milliseconds: more than 0 where
   * the picture is behind; nothing where there was none.
   */
  at(now: number): number | undefined {
    const values = this.#values.at(now).map(({ value }) => value)
      .sort((a, b) => a - b);
    return values[values.length >> 1];
  }

  /** Forgets what was seen of another connection. */
  clear(): void {
    this.clock = undefined;
    this.#values.clear();
  }
}
