import {
  type LimitName,
  REQUEST_LIMITS,
  SESSION_LIMITS,
} from "./limit_name.ts";

/** How often each limit was reached since the start. */
export class LimitCounters {
  readonly #counts = Object.fromEntries(
    [...REQUEST_LIMITS, ...SESSION_LIMITS].map((name) => [name, 0]),
  ) as Record<LimitName, number>;

  /** Counts one request that was refused, or one session that was closed. */
  count(limit: LimitName): void {
    this.#counts[limit]++;
  }

  /** A copy, with every limit. */
  snapshot(): Record<LimitName, number> {
    return { ...this.#counts };
  }
}
