import { STATUS_CODE } from "@std/http/status";
import { LimitCounters } from "../limits/limit_counters.ts";
import type { RequestLimit } from "../limits/limit_name.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { LogFields, Logger } from "../log.ts";
import type { HttpProblem } from "./problem.ts";

/** What refusals are told with. */
export interface RefusalsOptions {
  log: Logger;
  /** Counts those that a limit makes. */
  counters?: LimitCounters;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

/**
 * Answers what is refused, counts it and logs it. Each status, and each limit,
 * has so many lines a second, so that neither the log fills nor a flood of one
 * kind hides another.
 */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #counters: LimitCounters;
  readonly #logs = new Map<number | RequestLimit, LogThrottle>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
    this.#counters = options.counters ?? new LimitCounters();
  }

  /** Makes the answer to a request that is refused. */
  answer(problem: HttpProblem, request: LogFields): Response {
    const { status, limit, cause } = problem;
    const log = this.#logOf(limit ?? status);
    const shown = { ...request, status };
    if (limit !== undefined) {
      this.#counters.count(limit);
      log.warn("request refused", { ...shown, limit, error: problem });
    } else if (status === STATUS_CODE.InternalServerError) {
      log.error("request refused", { ...shown, error: cause });
    } else log.warn("request refused", { ...shown, error: problem });
    return problem.response();
  }

  #logOf(kind: number | RequestLimit): LogThrottle {
    const { log, now } = this.#options;
    const known = this.#logs.get(kind) ?? new LogThrottle(log, now);
    this.#logs.set(kind, known);
    return known;
  }
}
