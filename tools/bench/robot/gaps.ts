/** Notes when a count grows, and its longest standstill. */
export class Gaps {
  #count = 0;
  #grewAt?: number;
  #longestMs = 0;

  /** Takes the count as it is at a time in milliseconds. */
  note(count: number, now: number): void {
    if (count <= this.#count) return;
    if (this.#grewAt !== undefined) {
      this.#longestMs = Math.max(this.#longestMs, now - this.#grewAt);
    }
    this.#count = count;
    this.#grewAt = now;
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds from one growth to the next, at most. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Begins anew to look for the longest standstill. */
  restart(): void {
    this.#grewAt = undefined;
    this.#longestMs = 0;
  }
}
