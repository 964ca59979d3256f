/** A rate of bytes: a mean that forgets. It has no clock. */
export class RateMeter {
  readonly #timeMs: number;
  #rate = 0;
  #at: number | undefined;
  #startedAt = Infinity;

  /** @param timeMs the time constant, milliseconds. */
  constructor(timeMs: number) {
    this.#timeMs = timeMs;
  }

  /** Notes bytes that pass now. */
  add(bytes: number, now: number): void {
    const at = this.#at ?? now;
    if (this.#at === undefined) this.#startedAt = now;
    this.#rate = this.#rate * Math.exp((at - now) / this.#timeMs) +
      bytes / this.#timeMs;
    this.#at = now;
  }

  /**
   * Bytes a millisecond as of the last that passed: too few for as long as the
   * time constant, as it grows from nothing.
   */
  get rate(): number {
    return this.#rate;
  }

  /** The same; undefined while it says too little. */
  rateAt(now: number): number | undefined {
    if (now - this.#startedAt < this.#timeMs || this.#at === undefined) {
      return undefined;
    }
    return this.#rate * Math.exp((this.#at - now) / this.#timeMs);
  }
}
