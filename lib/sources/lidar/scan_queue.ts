import type { TimedCloud } from "../source.ts";

/** Scans that wait for the publisher; where it is slow the oldest go. */
export class ScanQueue {
  readonly #most: number;
  readonly #waiting: TimedCloud[] = [];
  #ended: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param most scans that wait at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  push(scan: TimedCloud): void {
    if (this.#ended !== undefined) return;
    this.#waiting.push(scan);
    if (this.#waiting.length > this.#most) this.#waiting.shift();
    this.#wake?.();
  }

  /** Lets `next` give what waits, and then nothing more, or throw. */
  end(error?: unknown): void {
    this.#ended ??= { error };
    this.#wake?.();
  }

  /** Lets `next` give nothing more, nor what waits. */
  close(): void {
    this.#waiting.length = 0;
    this.end();
  }

  /** @throws what the queue was ended with. */
  async next(): Promise<TimedCloud | undefined> {
    while (this.#waiting.length === 0 && this.#ended === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const scan = this.#waiting.shift();
    if (scan !== undefined) return scan;
    if (this.#ended?.error !== undefined) throw this.#ended.error;
  }
}
