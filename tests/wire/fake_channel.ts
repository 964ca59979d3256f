import type { Buffer } from "node:buffer";
import type { RTCDataChannel } from "werift";

class FakeEvent<A extends unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>();

  subscribe(listener: (...args: A) => void): { unSubscribe(): void } {
    this.#listeners.add(listener);
    return { unSubscribe: () => this.#listeners.delete(listener) };
  }

  execute(...args: A): void {
    for (const listener of [...this.#listeners]) listener(...args);
  }
}

/** A data channel that sends only when a test says so, and its clock. */
export class FakeChannel {
  now = 0;
  /** Sends within send(), as a sender with room in its window may. */
  takesAtOnce = false;
  readyState: RTCDataChannel["readyState"] = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readonly bufferedAmountLow = new FakeEvent<[]>();
  readonly stateChanged = new FakeEvent<[string]>();
  /** First byte and length of all messages that were handed over. */
  readonly sent: [first: number, length: number][] = [];

  send(data: Buffer): void {
    this.sent.push([data[0], data.length]);
    this.bufferedAmount += data.length;
    if (this.takesAtOnce) this.drain();
  }

  /** The network takes what is buffered, all but `rest`. */
  drain(rest = 0): void {
    const low = this.bufferedAmountLowThreshold;
    const crosses = this.bufferedAmount > low && rest <= low;
    this.bufferedAmount = rest;
    if (crosses) this.bufferedAmountLow.execute();
  }

  setState(state: RTCDataChannel["readyState"]): void {
    this.readyState = state;
    this.stateChanged.execute(state);
  }
}
