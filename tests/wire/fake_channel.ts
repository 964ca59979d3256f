import type { FrameChannel } from "../../lib/wire/frame_queue.ts";

/** A data channel that sends only when a test says so, and its clock. */
export class FakeChannel implements FrameChannel {
  now = 0;
  /** Sends within send(), as a sender with room in its window may. */
  takesAtOnce = false;
  readyState: FrameChannel["readyState"] = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readonly #listeners: (() => void)[] = [];
  /** First byte and length of all messages that were handed over. */
  readonly sent: [first: number, length: number][] = [];

  send(data: Uint8Array): void {
    this.sent.push([data[0], data.length]);
    this.bufferedAmount += data.length;
    if (this.takesAtOnce) this.drain();
  }

  /** The network takes what is buffered, all but `rest`. */
  drain(rest = 0): void {
    const low = this.bufferedAmountLowThreshold;
    const crosses = this.bufferedAmount > low && rest <= low;
    this.bufferedAmount = rest;
    if (crosses) this.#changed();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  setState(state: FrameChannel["readyState"]): void {
    this.readyState = state;
    this.#changed();
  }
}
