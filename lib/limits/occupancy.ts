import { LimitError } from "./limit_error.ts";
import type { RequestLimit } from "./limit_name.ts";
import type { SharedCounts } from "./shared_counts.ts";
import { SHARED_LIMITS, type SharedLimit } from "./told_counts.ts";

/** When one may ask again whose last places others are told of, seconds. */
const SOON_S = 1;

export interface OccupancyOptions {
  limit: RequestLimit;
  /** Most that are there at once, of one key. */
  max: number;
  /** Sentence that says what there is too much of. */
  full: string;
  /** When a refused caller may ask again, seconds. */
  retryAfterS: number;
  /** What other servers have of the same limit. @default {they have none} */
  shared?: SharedCounts;
}

/** Counts what is there at once by a key, such as sessions by address. */
export class Occupancy {
  readonly #options: OccupancyOptions;
  readonly #counts = new Map<string, number>();
  readonly #sharedLimit: SharedLimit | undefined;

  constructor(options: OccupancyOptions) {
    this.#options = options;
    this.#sharedLimit = SHARED_LIMITS.find((name) => name === options.limit);
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
    this.#check(key);
    this.#set(key, this.count(key) + 1);
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (isIn) this.#leave(key);
        isIn = false;
      },
    };
  }

  #leave(key: string): void {
    this.#set(key, this.count(key) - 1);
  }

  #check(key: string): void {
    const { limit, max, full, retryAfterS, shared } = this.#options;
    const vacancy = this.#sharedLimit && shared
      ? shared.vacancy(this.#sharedLimit, key, max)
      : this.count(key) < max
      ? "free"
      : "full";
    if (vacancy === "free") return;
    if (vacancy === "full") throw new LimitError(limit, full, retryAfterS);
    const why =
      `Too many come at once: of the ${max} places, other nodes are ` +
      "still to be told of those just taken";
    throw new LimitError(limit, why, SOON_S);
  }

  #set(key: string, count: number): void {
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
    if (this.#sharedLimit === undefined) return;
    this.#options.shared?.note(this.#sharedLimit, key, count);
  }
}
