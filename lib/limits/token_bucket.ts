export interface TokenBucketOptions {
  /** Tokens that come in a second; with Infinity all is allowed. */
  rate: number;
  /** Tokens that it holds, and holds at first. */
  capacity: number;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

/** Allows so much a second on average, and so much at once. */
export class TokenBucket {
  readonly #rate: number;
  readonly #capacity: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(
    { rate, capacity, now = () => performance.now() }: TokenBucketOptions,
  ) {
    this.#rate = rate;
    this.#capacity = capacity;
    this.#now = now;
    this.#tokens = capacity;
    this.#filledAt = now();
  }

  /** Takes tokens where there are enough, and tells whether there were. */
  take(tokens = 1): boolean {
    if (this.#rate === Infinity) return true;
    this.#fill();
    if (tokens > this.#tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** Takes tokens that are gone already: where there are too few, it owes. */
  spend(tokens: number): void {
    if (this.#rate === Infinity) return;
    this.#fill();
    this.#tokens -= tokens;
  }

  /** Time until so many tokens are there, milliseconds. */
  waitMs(tokens = 1): number {
    if (this.#rate === Infinity) return 0;
    this.#fill();
    return Math.max(0, tokens - this.#tokens) / this.#rate * 1000;
  }

  #fill(): void {
    const now = this.#now();
    const come = (now - this.#filledAt) / 1000 * this.#rate;
    this.#tokens = Math.min(this.#capacity, this.#tokens + come);
    this.#filledAt = now;
  }
}
