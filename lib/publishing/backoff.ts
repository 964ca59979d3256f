export interface BackoffOptions {
  /** Time after which no more tries are made, milliseconds. */
  budgetMs: number;
  /** Least time from the first try to the second. @default {500} */
  firstMs?: number;
  /** Most that the doubling makes of it. @default {5_000} */
  maxMs?: number;
  /** Tries that count as made before: then the first is not at once. @default {0} */
  tries?: number;
  /** Gives what `Math.random` gives. */
  random?(): number;
}

/**
 * When to try again: at once, then after times that double, each shortened by
 * up to a half at random, so that the clients of a server that comes back don't
 * all ask it at the same moment. The times are counted from try to try: one that
 * took long to fail is followed at once by the next.
 *
 * It has no clock: times are given to it, in milliseconds of any origin.
 */
export class Backoff {
  /** Tries so far, those before included. */
  tries: number;
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  /** No try begins later. */
  readonly #last: number;
  #triedAt: number;

  constructor(options: BackoffOptions, now: number) {
    const { budgetMs, firstMs = 500, maxMs = 5_000, random } = options;
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random ?? Math.random;
    this.tries = options.tries ?? 0;
    // So that the last try has some time too; one there is in any case.
    this.#last = now + Math.max(0, budgetMs - firstMs);
    this.#triedAt = now;
  }

  /**
   * Plans the next try.
   *
   * @returns the milliseconds until then, or nothing when it is time to give up.
   */
  next(now: number): number | undefined {
    if (now > this.#last) return undefined;
    const due = this.tries === 0 ? now : this.#triedAt + this.#step();
    this.tries++;
    this.#triedAt = Math.max(now, Math.min(due, this.#last));
    return this.#triedAt - now;
  }

  #step(): number {
    const whole = Math.min(this.#firstMs * 2 ** (this.tries - 1), this.#maxMs);
    return whole * (1 - this.#random() / 2);
  }
}
