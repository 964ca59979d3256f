/** A value, and which of all it was. */
interface Counted<T> {
  value: T;
  count: number;
}

/**
 * The newest of the values that come, of each stream. Each loop over it gets
 * the newest that it has not had, one stream after the other: one that is slow
 * misses those that were overtaken.
 */
export class Newest<T extends object> implements AsyncIterable<T> {
  readonly #values = new Map<string, Counted<T>>();
  #count = 0;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  /** Takes a value in place of the one before of its stream. */
  set(value: T, stream = ""): void {
    if (this.#isOver) return;
    this.#values.set(stream, { value, count: ++this.#count });
    this.#wake();
  }

  /** Lets each loop have the last values, and end. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Ends each loop at once. */
  clear(): void {
    this.#values.clear();
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    const seen = new Map<string, number>();
    while (true) {
      const next = this.#oldestBeyond(seen);
      if (next !== undefined) {
        const [stream, { value, count }] = next;
        seen.set(stream, count);
        yield value;
      } else if (this.#isOver) return;
      else await this.#changed.promise;
    }
  }

  /** What has waited the longest of what a loop has not had. */
  #oldestBeyond(
    seen: ReadonlyMap<string, number>,
  ): [stream: string, counted: Counted<T>] | undefined {
    let oldest: [string, Counted<T>] | undefined;
    for (const [stream, counted] of this.#values) {
      if (counted.count <= (seen.get(stream) ?? 0)) continue;
      if (oldest === undefined || counted.count < oldest[1].count) {
        oldest = [stream, counted];
      }
    }
    return oldest;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
