import type { FrameQueueCounters } from "../wire/frame_queue.ts";
import type { AckTracker } from "./ack_tracker.ts";
import type { CapturedFrame } from "./points_sender.ts";
import { type StreamTotals, Totals } from "./totals.ts";

/** What an uplink needs of one stream of a connection. */
export interface UplinkSender extends StreamTotals {
  readonly queuedBytes: number;
}

/**
 * One stream of an uplink: what its connections have come to, one after the
 * other, and the newest frame of a time without one.
 */
export class UplinkStream {
  /** What the stream is called. */
  readonly name: string;
  /** What connections that are over have come to. */
  readonly #past = new Totals();
  #sender: UplinkSender | undefined;
  #waiting: CapturedFrame | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get counters(): FrameQueueCounters {
    return this.#past.countersWith(this.#sender);
  }

  /** The book of its frames so far. */
  get tracker(): AckTracker {
    return this.#past.trackerWith(this.#sender);
  }

  /** Frames that the servers say they have. */
  get framesAcked(): number {
    return this.#past.ackedWith(this.#sender);
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#sender?.queuedBytes ?? this.#waiting?.cloud.data.length ?? 0;
  }

  /** Why a frame could not be sent, where one could not. */
  get unsendable(): string | undefined {
    return this.#past.unsendable ?? this.#sender?.unsendable;
  }

  /** Whether a frame waits for a connection. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Goes over to a connection. @returns the frame to begin with, if any. */
  use(sender: UplinkSender): CapturedFrame | undefined {
    this.#sender = sender;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  /** Adds what the connection has come to, which is over. */
  leave(): void {
    if (this.#sender !== undefined) this.#past.add(this.#sender);
    this.#sender = undefined;
  }

  /** Keeps a frame for the next connection. @returns whether one is dropped. */
  wait(frame: CapturedFrame): boolean {
    const isDropped = this.dropWaiting();
    this.#waiting = frame;
    return isDropped;
  }

  /** Drops the frame that waits. @returns whether there was one. */
  dropWaiting(): boolean {
    if (this.#waiting === undefined) return false;
    this.#waiting = undefined;
    this.#past.addDropped();
    return true;
  }
}
