/** What comes so much later or earlier than it should begins anew, seconds. */
const MAX_OFF_S = 3;
/** Time between what an input gave last and what the next one begins with. */
const GAP_S = 0.02;
/** Time after which an early arrival counts no more, milliseconds. */
const WINDOW_MS = 5_000;

/**
 * One clock for an input that is opened again and again: times of all that
 * comes go on, whatever clock the input has.
 *
 * When something was captured is known by what came soonest after its time:
 * what is late has waited somewhere.
 */
export class LiveClock {
  /** What is added to the input's times; none before its first. */
  #shiftS?: number;
  /** The latest time that was given. */
  #lastS = 0;
  /** Least of arrival minus time: of this window, and the one before. */
  #leastS = Infinity;
  #leastBeforeS = Infinity;
  #windowAt = -Infinity;

  /** Begins with another input, or the same that was opened again. */
  restart(): void {
    this.#shiftS = undefined;
  }

  /**
   * Gives the time of what the input says is of `seconds`.
   *
   * @param now when it came, by `performance.now()`.
   */
  timeOf(seconds: number, now: number): number {
    const arrivedS = now / 1000;
    const isOff = this.#shiftS === undefined ||
      Math.abs(arrivedS - this.#aheadS() - seconds - this.#shiftS) > MAX_OFF_S;
    if (isOff) {
      this.#shiftS = Math.max(arrivedS, this.#lastS + GAP_S) - seconds;
      this.#leastS = this.#leastBeforeS = Infinity;
    }
    const time = seconds + this.#shiftS!;
    this.#lastS = Math.max(this.#lastS, time);
    this.#note(arrivedS - time, now);
    return time;
  }

  /** When what has that time was captured, by `performance.now()`. */
  capturedAt(time: number): number {
    return 1000 * (time + this.#aheadS());
  }

  #aheadS(): number {
    const least = Math.min(this.#leastS, this.#leastBeforeS);
    return least === Infinity ? 0 : least;
  }

  #note(offS: number, now: number): void {
    if (now - this.#windowAt > WINDOW_MS) {
      this.#windowAt = now;
      this.#leastBeforeS = this.#leastS;
      this.#leastS = Infinity;
    }
    this.#leastS = Math.min(this.#leastS, offS);
  }
}
