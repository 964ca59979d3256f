import type { PointCloud } from "../points/cloud.ts";
import type { StreamPlace } from "../wire/messages.ts";

/** Clouds a second of a source that leaves the pace to the publisher. */
export const DEFAULT_RATE = 4;

/** A cloud and when it was captured. */
export interface TimedCloud {
  /** The points. */
  cloud: PointCloud;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
  /**
   * Where its coordinates stand, where the source knows: watchers are told what
   * differs from the cloud before. @default {as before}
   */
  place?: StreamPlace;
}

/**
 * What a source gives for a frame: a cloud alone is captured when it comes, as
 * far as the source knows.
 */
export type SourceCloud = PointCloud | TimedCloud;

/** Where clouds come from, one for each frame. */
export interface PointSource extends Partial<AsyncDisposable> {
  /** Clouds that could not be read, and were passed over. */
  readonly skipped?: number;
  /**
   * Who says when the next cloud is due. With `rate` the publisher asks for
   * clouds at its rate. With `source` it asks at once, and `next` resolves when
   * the source has one: standard input, a sensor, a recording at its own times.
   * @default {"rate"}
   */
  readonly pace?: "rate" | "source";
  /**
   * Gives the cloud of one frame, in a buffer that nobody changes later, or
   * nothing when there are no more.
   *
   * @param frame the frame's number, counting up from 0.
   * @param seconds the frame's time since frame 0 by the rate; 0 without one.
   */
  next(
    frame: number,
    seconds: number,
  ): SourceCloud | undefined | Promise<SourceCloud | undefined>;
}

/** Adds the time to a cloud that comes without one: now. */
export function withTime(given: SourceCloud): TimedCloud {
  return "cloud" in given ? given : { cloud: given, captureTime: Date.now() };
}

/** Changes the clouds of a source as they come; it is disposed of with it. */
export function mapSource(
  source: PointSource,
  change: (given: TimedCloud) => SourceCloud,
): PointSource {
  return {
    get skipped() {
      return source.skipped;
    },
    pace: source.pace,
    async next(frame, seconds) {
      const given = await source.next(frame, seconds);
      return given && change(withTime(given));
    },
    [Symbol.asyncDispose]: async () => await source[Symbol.asyncDispose]?.(),
  };
}
