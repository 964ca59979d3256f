import { STATUS_CODE } from "@std/http/status";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { Logger } from "../log.ts";
import { ConnectionError } from "../transport/errors.ts";
import { SignalingError } from "./errors.ts";
import { OutOfTimeError, retry } from "./retry.ts";

export interface FirstConnectionOptions {
  /** The URL to name where the server doesn't answer. */
  server: string | URL;
  /** Ends the tries. */
  signal: AbortSignal;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
  log: Logger;
  /**
   * For how long a 409 is asked again: what is in the way may end.
   * @default {0}
   */
  conflictMs?: number;
}

function isConflict(error: unknown): boolean {
  return error instanceof SignalingError &&
    error.status === STATUS_CODE.Conflict;
}

/** Time for the first connection, whatever it takes to make it. */
const BUDGET_MS = 30_000;

/**
 * Makes a first connection, with a fresh attempt where one is dead. A server
 * that can't be asked, or says no, ends it at once.
 *
 * @param connect makes one attempt, and throws a `ConnectionError` where it is
 * dead.
 * @throws {SignalingError} when the server does not answer within 30 s.
 * @throws {ConnectionError} when there is no connection within 30 s.
 * @throws what else an attempt throws, or the signal's reason when it is
 * aborted.
 */
export async function connectFirst<C>(
  connect: (signal: AbortSignal) => Promise<C>,
  options: FirstConnectionOptions,
): Promise<C> {
  const { server, signal, clock = SYSTEM_CLOCK, log } = options;
  const conflictUntil = clock.now() + (options.conflictMs ?? 0);
  const isFinal = (error: unknown) => {
    if (error instanceof ConnectionError) return error.reason === "closed";
    return !isConflict(error) || clock.now() >= conflictUntil;
  };
  try {
    const { result } = await retry(connect, {
      budgetMs: BUDGET_MS,
      signal,
      clock,
      isFinal,
      onFailure: (error) => log.info("not connected yet", { error }),
    });
    return result;
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    const { cause } = error;
    const within = `within ${BUDGET_MS / 1000} s`;
    if (!(cause instanceof ConnectionError)) {
      throw new SignalingError(`${server} did not answer ${within}`);
    }
    const { reason, why } = cause;
    const message = `No connection ${within}: ${why}`;
    throw new ConnectionError(reason, message, { why, cause });
  }
}
