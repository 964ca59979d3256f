import { extendSequence } from "./sequence.ts";
import { type Arrival, writeTransportFeedback } from "./transport_feedback.ts";

/** Packets that wait to be told of, at most. */
const MAX_WAITING = 4096;

/**
 * Notes when packets came, by their transport-wide sequence numbers, to tell
 * their sender.
 */
export class Arrivals {
  #waiting: Arrival[] = [];
  /** The first number that the next feedback is of, extended. */
  #base: number | undefined;
  #newest = 0;
  #count = 0;

  /** Whether there is something to tell. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Notes a packet that came; `number` is uint16. */
  add(number: number, at: number): void {
    const extended = this.#base === undefined
      ? 2 ** 16 + number
      : extendSequence(this.#newest, number);
    this.#base ??= extended;
    this.#newest = Math.max(this.#newest, extended);
    if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push({ number: extended, at });
    }
  }

  /** Makes the bodies of the feedback packets that tell of all of them. */
  *take(): Generator<Uint8Array> {
    let waiting = inOrder(this.#waiting);
    this.#waiting = [];
    while (waiting.length > 0) {
      // One that was overtaken, and told of as missing before, begins anew.
      const base = Math.min(this.#base!, waiting[0].number);
      const start = waiting[0].number - base > MAX_WAITING
        ? waiting[0].number
        : base;
      const { body, arrivals } = writeTransportFeedback(
        start,
        waiting,
        this.#count++ & 0xff,
      );
      const last = waiting[arrivals - 1]?.number ?? start;
      this.#base = Math.max(this.#base!, last + 1);
      waiting = waiting.slice(Math.max(1, arrivals));
      yield body;
    }
  }
}

/** Sorted by number, each once. */
function inOrder(arrivals: Arrival[]): Arrival[] {
  const sorted = arrivals.sort((a, b) => a.number - b.number);
  return sorted.filter(({ number }, i) => number !== sorted[i - 1]?.number);
}
