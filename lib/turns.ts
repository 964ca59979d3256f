/**
 * Long work in parts, of many who share a thread: between two parts the event
 * loop gets to what has come meanwhile, however many wait for their next one.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, after all who asked before. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#setTimer();
    });
  }

  #setTimer(): void {
    setTimeout(() => {
      this.#waiting.shift()!();
      if (this.#waiting.length > 0) this.#setTimer();
    }, 0);
  }
}
