import { setImmediate } from "node:timers";
import type { Clock } from "../lib/clock.ts";

interface Sleeper {
  due: number;
  wake(): void;
}

/** A clock that stands still until a test has time pass. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  /** How many wait for a later time. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        due: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  /** Has time pass, and wakes whoever sleeps until then, one after the other. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    while (true) {
      const [next] = [...this.#sleepers].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) break;
      this.#now = next.due;
      next.wake();
      await turn();
    }
    this.#now = end;
  }
}

/** Lets all promises settle that can. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(resolve));

/**
 * Has `performance.now` be so many milliseconds ahead until the end of the
 * scope.
 */
export function clockAhead(ms: number): Disposable {
  const { now } = performance;
  performance.now = () => now.call(performance) + ms;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}
