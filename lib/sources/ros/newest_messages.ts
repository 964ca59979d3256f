/** A message that waits, and when it came. */
interface Waiting<T> {
  message: T;
  bytes: number;
  cameAt: number;
}

/** Most messages that wait, and most bytes of them beside the newest. */
const MAX_MESSAGES = 4;
const MAX_BYTES = 64 * 1024 * 1024;
/** What waited longer is stale where there is a newer one, milliseconds. */
const STALE_MS = 100;

/**
 * Messages on their way to somebody who may be slower than they come: a few
 * wait, the oldest make way, and one who comes late gets the newest.
 */
export class NewestMessages<T> {
  /** Messages that newer ones took the place of. */
  dropped = 0;
  readonly #now: () => number;
  readonly #waiting: Waiting<T>[] = [];
  #wake: () => void = () => {};

  /** @param now gives milliseconds of a clock that doesn't go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes one that just came. */
  put(message: T, bytes: number): void {
    this.#waiting.push({ message, bytes, cameAt: this.#now() });
    while (
      this.#waiting.length > MAX_MESSAGES ||
      this.#waiting.length > 1 && this.#bytes > MAX_BYTES
    ) this.#drop();
    this.#wake();
  }

  /** Gives the next one, without those that are stale; waits for none. */
  take(): T | undefined {
    const now = this.#now();
    while (
      this.#waiting.length > 1 && now - this.#waiting[0].cameAt > STALE_MS
    ) this.#drop();
    return this.#waiting.shift()?.message;
  }

  /** Resolves when one waits, or at {@linkcode wake}. */
  whenSome(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#wake = resolve);
  }

  /** Lets go whoever waits. */
  wake(): void {
    this.#wake();
  }

  get #bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #drop(): void {
    this.#waiting.shift();
    this.dropped++;
  }
}
