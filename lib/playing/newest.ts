/**
 * The newest of the values that come. Each loop over it gets the newest that it
 * has not had: one that is slow misses those that were overtaken.
 */
export class Newest<T extends object> implements AsyncIterable<T> {
  #value: T | undefined;
  #count = 0;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  /** Takes a value in place of the one before. */
  set(value: T): void {
    if (this.#isOver) return;
    this.#value = value;
    this.#count++;
    this.#wake();
  }

  /** Lets each loop have the last value, and end. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Ends each loop at once. */
  clear(): void {
    this.#value = undefined;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    let seen = 0;
    while (true) {
      if (this.#count > seen && this.#value !== undefined) {
        seen = this.#count;
        yield this.#value;
      } else if (this.#isOver) return;
      else await this.#changed.promise;
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
