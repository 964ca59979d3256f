import { extendSequence } from "../../media/sequence.ts";
import { type Arrival, writeTransportFeedback } from "./transport_feedback.ts";

/** Packets that wait to be told of, at most. */
const MAX_WAITING = 4096;
/** Feedback packets at once: more only where numbers jump without sense. */
const MAX_BODIES = 32;

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
    const waiting = inOrder(this.#waiting);
    this.#waiting = [];
    let bodies = 0;
    for (let at = 0; at < waiting.length && bodies < MAX_BODIES; bodies++) {
      const { number } = waiting[at];
      const isLate = number < this.#base!;
      // One that was told of as missing before is told of alone: of those
      // after it all is told.
      const end = isLate ? this.#endOfRun(waiting, at) : waiting.length;
      const isNear = number - this.#base! <= MAX_WAITING;
      const { body, arrivals } = writeTransportFeedback(
        isLate || !isNear ? number : this.#base!,
        waiting.slice(at, end),
        this.#count++ & 0xff,
      );
      at += arrivals;
      this.#base = Math.max(this.#base!, waiting[at - 1].number + 1);
      yield body;
    }
    // What is too much is not told of.
    if (bodies > 0) this.#base = this.#newest + 1;
  }

  /** Where the late ones end that follow each other from one on. */
  #endOfRun(waiting: readonly Arrival[], from: number): number {
    let end = from + 1;
    while (
      end < waiting.length && waiting[end].number < this.#base! &&
      waiting[end].number === waiting[end - 1].number + 1
    ) end++;
    return end;
  }
}

/** Sorted by number, each once. */
function inOrder(arrivals: Arrival[]): Arrival[] {
  const sorted = arrivals.sort((a, b) => a.number - b.number);
  return sorted.filter(({ number }, i) => number !== sorted[i - 1]?.number);
}
