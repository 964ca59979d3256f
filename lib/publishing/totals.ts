import type { MediaKind } from "../media/frame.ts";
import type { FrameQueueCounters } from "../wire/frame_queue.ts";
import { AckTracker } from "./ack_tracker.ts";

/** RTP packets by kind. */
export type PacketCounts = Record<MediaKind, number>;

/** What one connection of several has come to. */
export interface PartialTotals {
  readonly packets: Readonly<PacketCounts>;
  readonly points: {
    readonly counters: Readonly<FrameQueueCounters>;
    readonly tracker: AckTracker;
    readonly unsendable?: string;
  };
}

/** What connections that are over have come to, taken together. */
export class Totals {
  readonly #tracker = new AckTracker();
  readonly #counters: FrameQueueCounters = {
    framesSent: 0,
    framesDropped: 0,
    pointsSent: 0,
    bytesSent: 0,
  };
  readonly #packets: PacketCounts = { video: 0, audio: 0 };
  #unsendable: string | undefined;

  /** Why a frame could not be sent, where one could not. */
  get unsendable(): string | undefined {
    return this.#unsendable;
  }

  /** Adds a connection that is over. */
  add({ packets, points }: PartialTotals): void {
    this.#tracker.add(points.tracker);
    this.#unsendable ??= points.unsendable;
    addUp(this.#counters, points.counters);
    addUp(this.#packets, packets);
  }

  /** Counts a frame that no connection took. */
  addDropped(): void {
    this.#counters.framesDropped++;
  }

  /** Gives these counters with those of a connection that lives. */
  countersWith(living: PartialTotals | undefined): FrameQueueCounters {
    const sum = { ...this.#counters };
    if (living) addUp(sum, living.points.counters);
    return sum;
  }

  /** Gives these packets with those of a connection that lives. */
  packetsWith(living: PartialTotals | undefined): PacketCounts {
    const sum = { ...this.#packets };
    if (living) addUp(sum, living.packets);
    return sum;
  }

  /** Gives these frames acknowledged with those of a connection that lives. */
  ackedWith(living: PartialTotals | undefined): number {
    return this.#tracker.framesAcked +
      (living?.points.tracker.framesAcked ?? 0);
  }

  /** Gives this book of frames with that of a connection that lives. */
  trackerWith(living: PartialTotals | undefined): AckTracker {
    const sum = new AckTracker();
    sum.add(this.#tracker);
    if (living) sum.add(living.points.tracker);
    return sum;
  }
}

/** Adds each number of `more` to that of `sum`. */
function addUp<T extends Record<keyof T, number>>(
  sum: T,
  more: Readonly<T>,
): void {
  for (const name in sum) (sum[name] as number) += more[name];
}
