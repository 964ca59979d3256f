export interface BackoffOptions {
  /**
   * Time after which no more tries are made. @default {Infinity} milliseconds
   */
  budgetMs?: number;
  /** Most time from the first try to the second. @default {500} milliseconds */
  firstMs?: number;
  /** Most that doubling makes of it. @default {5_000} milliseconds */
  maxMs?: number;
  /**
   * Tries that count as made before: with one or more, the first is not at
   * once. @default {0}
   */
  tries?: number;
  /** Gives what `Math.random` gives. */
  random?(): number;
}

/**
 * When to try again: at once, then after times that double, each shortened by
 * up to a half at random, so that the clients of a server that comes back don't
 * all ask it at the same moment. The times count from try to try: a try that
 * takes long to fail is followed at once by the next.
 *
 * It has no clock: it takes times, in milliseconds of any origin.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  /** No try begins later. */
  readonly #last: number;
  #tries: number;
  #triedAt: number;

  constructor(options: BackoffOptions, now: number) {
    const { budgetMs = Infinity, firstMs = 500, maxMs = 5_000 } = options;
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = options.random ?? Math.random;
    this.#tries = options.tries ?? 0;
    // The last try gets some time too, and there is one in any case.
    this.#last = now + Math.max(0, budgetMs - firstMs);
    this.#triedAt = now;
  }

  /** Tries so far, those before included. */
  get tries(): number {
    return this.#tries;
  }

  /** Tells whether it is time to give up. */
  isOver(now: number): boolean {
    return now > this.#last;
  }

  /** Plans the next try, and gives the milliseconds until then. */
  next(now: number): number {
    const due = this.#tries === 0 ? now : this.#triedAt + this.#step();
    this.#tries++;
    this.#triedAt = Math.max(now, Math.min(due, this.#last));
    return this.#triedAt - now;
  }

  /** Starts anew after a success: the next try is one short step from `now`. */
  reset(now: number): void {
    this.#tries = 1;
    this.#triedAt = now;
  }

  #step(): number {
    const whole = Math.min(this.#firstMs * 2 ** (this.#tries - 1), this.#maxMs);
    return whole * (1 - this.#random() / 2);
  }
}
