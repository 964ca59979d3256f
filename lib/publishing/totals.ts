import type { MediaKind } from "../media/frame.ts";
import type { FrameQueueCounters } from "../wire/frame_queue.ts";
import { AckTracker } from "./ack_tracker.ts";

/** RTP packets by kind. */
export type PacketCounts = Record<MediaKind, number>;

/** What one stream of one connection has come to. */
export interface StreamTotals {
  readonly counters: Readonly<FrameQueueCounters>;
  readonly tracker: AckTracker;
  /** Why a frame could not be sent, where one could not. */
  readonly unsendable?: string;
}

/** What a stream's connections that are over have come to, taken together. */
export class Totals {
  readonly #tracker = new AckTracker();
  readonly #counters = noFrames();
  #unsendable: string | undefined;

  /** Why a frame could not be sent, where one could not. */
  get unsendable(): string | undefined {
    return this.#unsendable;
  }

  /** Adds a connection that is over. */
  add({ tracker, unsendable, counters }: StreamTotals): void {
    this.#tracker.add(tracker);
    this.#unsendable ??= unsendable;
    addUp(this.#counters, counters);
  }

  /** Counts a frame that no connection took. */
  addDropped(): void {
    this.#counters.framesDropped++;
  }

  /** Gives these counters with those of a connection that lives. */
  countersWith(living: StreamTotals | undefined): FrameQueueCounters {
    const sum = { ...this.#counters };
    if (living) addUp(sum, living.counters);
    return sum;
  }

  /** Gives these frames acknowledged with those of a connection that lives. */
  ackedWith(living: StreamTotals | undefined): number {
    return this.#tracker.framesAcked + (living?.tracker.framesAcked ?? 0);
  }

  /** Gives this book of frames with that of a connection that lives. */
  trackerWith(living: StreamTotals | undefined): AckTracker {
    const sum = new AckTracker();
    sum.add(this.#tracker);
    if (living) sum.add(living.tracker);
    return sum;
  }
}

/** Makes counters at zero. */
export function noFrames(): FrameQueueCounters {
  return { framesSent: 0, framesDropped: 0, pointsSent: 0, bytesSent: 0 };
}

/** Adds each number of `more` to that of `sum`. */
export function addUp<T extends Record<keyof T, number>>(
  sum: T,
  more: Readonly<T>,
): void {
  for (const name in sum) (sum[name] as number) += more[name];
}
