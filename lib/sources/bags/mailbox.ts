/**
 * What has come for a stream and isn't taken yet: the newest, as a stream that
 * falls behind is worth nothing.
 */
export class Mailbox<T> {
  readonly #most: number;
  #waiting: T[] = [];
  #taker: ((value: T | undefined) => void) | undefined;
  #hasEnded = false;
  /** Those that newer ones took the place of. */
  dropped = 0;

  /** @param most how many wait. */
  constructor(most: number) {
    this.#most = most;
  }

  put(value: T): void {
    if (this.#hasEnded) return;
    if (this.#taker !== undefined) return this.#give(value);
    this.#waiting.push(value);
    if (this.#waiting.length <= this.#most) return;
    this.#waiting.shift();
    this.dropped++;
  }

  /** Drops what waits: nobody wants it any more. */
  clear(): void {
    this.#waiting = [];
  }

  /** Waits for the next one; nothing where there are no more. One at a time. */
  take(): Promise<T | undefined> {
    const next = this.#waiting.shift();
    if (next !== undefined || this.#hasEnded) return Promise.resolve(next);
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    this.#taker = resolve;
    return promise;
  }

  /** Says that no more come; those that wait can still be taken. */
  end(): void {
    this.#hasEnded = true;
    this.#give(undefined);
  }

  #give(value: T | undefined): void {
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.(value);
  }
}
