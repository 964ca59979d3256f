import { LimitError } from "./limit_error.ts";
import type { RequestLimit } from "./limit_name.ts";

export interface OccupancyOptions {
  limit: RequestLimit;
  /** Most that are there at once, of one key. */
  max: number;
  /** Sentence that says what there is too much of. */
  full: string;
  /** When a refused caller may ask again, seconds. */
  retryAfterS: number;
}

/** Counts what is there at once by a key, such as sessions by address. */
export class Occupancy {
  readonly #options: OccupancyOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: OccupancyOptions) {
    this.#options = options;
  }

  /** Number of those that are there of a key. */
  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /**
   * Takes a place, until it is disposed of.
   *
   * @throws {LimitError} where all are taken.
   */
  enter(key = ""): Disposable {
    const { limit, max, full, retryAfterS } = this.#options;
    const count = this.count(key);
    if (count >= max) throw new LimitError(limit, full, retryAfterS);
    this.#counts.set(key, count + 1);
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (isIn) this.#leave(key);
        isIn = false;
      },
    };
  }

  #leave(key: string): void {
    const left = this.count(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
