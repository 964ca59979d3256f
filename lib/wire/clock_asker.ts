import { ClockComparison, type ClockOffset } from "./clock_offset.ts";
import type { TimeMessage } from "./messages.ts";

/** Questions at first, and the time between them, milliseconds. */
const FIRST_QUESTIONS = 5;
const FIRST_INTERVAL_MS = 200;
/** Time between two questions later on, milliseconds. */
const INTERVAL_MS = 10_000;

/** Asks the other side what time it is, now and then, until disposed of. */
export class ClockAsker implements Disposable {
  readonly #ask: (question: TimeMessage) => void;
  readonly #comparison = new ClockComparison();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #questions = 0;
  #asked: number | undefined;

  /**
   * Makes one that hasn't begun.
   *
   * @param ask sends a question.
   */
  constructor(ask: (question: TimeMessage) => void) {
    this.#ask = ask;
  }

  /** How far the other's clock is ahead; none before the first answer. */
  get offset(): ClockOffset | undefined {
    return this.#comparison.best;
  }

  /** Begins; once begun it goes on. */
  start(): void {
    if (this.#timer === undefined) this.#question();
  }

  /** Asks once more, besides. */
  askNow(): void {
    this.#asked = Date.now();
    this.#ask({ type: "time", origin: this.#asked });
  }

  /** Takes an answer; one to no question of ours is passed over. */
  take({ origin, receive, transmit }: TimeMessage): void {
    if (receive === undefined || transmit === undefined) return;
    if (origin !== this.#asked) return;
    this.#asked = undefined;
    this.#comparison.add({ origin, receive, transmit, arrival: Date.now() });
  }

  /** Asks no more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #question(): void {
    this.askNow();
    const isFirst = ++this.#questions < FIRST_QUESTIONS;
    this.#timer = setTimeout(
      () => this.#question(),
      isFirst ? FIRST_INTERVAL_MS : INTERVAL_MS,
    );
  }
}

/** Shortest time between two answers, milliseconds. */
const ANSWER_INTERVAL_MS = 50;

/** Answers the other side's questions, those that come too often left out. */
export class ClockAnswerer {
  #answeredAt = -Infinity;

  /** Makes the answer to a question, which is sent at once; none to others. */
  answer({ origin, receive }: TimeMessage): TimeMessage | undefined {
    const now = performance.now();
    if (receive !== undefined) return undefined;
    if (now - this.#answeredAt < ANSWER_INTERVAL_MS) return undefined;
    this.#answeredAt = now;
    const time = Date.now();
    return { type: "time", origin, receive: time, transmit: time };
  }
}
