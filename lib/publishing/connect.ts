/** How a publisher comes to another connection: tries, until one succeeds. */
import { STATUS_CODE } from "@std/http/status";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { SignalingError } from "../signaling/errors.ts";
import { OutOfTimeError, retry } from "../signaling/retry.ts";
import { ConnectionError } from "../transport/errors.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { PostOfferOptions } from "./post_offer.ts";

/** What one attempt at a connection is made with. */
export interface Attempt {
  dialect: Dialect;
  /** How its offer is posted, and what session it asks for. */
  post?: Pick<
    PostOfferOptions,
    "tries" | "timeoutMs" | "resumes" | "name" | "machine"
  >;
}

/**
 * Makes one attempt at a connection.
 *
 * @throws {SignalingError} when the server can't be asked or says no.
 * @throws {ConnectionError} `timeout` or `failed` for an attempt that is dead,
 * `closed` when the server doesn't want it.
 * @throws the signal's reason when it is aborted.
 */
export type Connect<C> = (attempt: Attempt, signal: AbortSignal) => Promise<C>;

export interface ConnectAgainOptions<C> {
  connect: Connect<C>;
  attempt: Attempt;
  clock: Clock;
  log: Logger;
  /** Time after which it is given up. */
  budgetMs: number;
  /** Tries that count as made before: the first is not at once then. */
  tries: number;
  /** How the connection before ended, in one sentence. */
  why: string;
}

/** Time for one answer while connecting again: the network may swallow it. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Answers that would be the same again: deleted, or not let in. */
const FINAL_STATUS: (number | undefined)[] = [
  STATUS_CODE.Gone,
  STATUS_CODE.Unauthorized,
  STATUS_CODE.Forbidden,
];

/** Goodbyes after which the server takes the client back. */
const COMING_BACK: ByeCode[] = ["stopped", "lost"];

/**
 * Tells whether a new connection may do better after a goodbye, or after a loss
 * without one.
 */
export function comesBackAfter(code: ByeCode | undefined): boolean {
  return code === undefined || COMING_BACK.includes(code);
}

/**
 * Makes another connection after one that was lost.
 *
 * @returns it, and how many tries it took, those before included.
 * @throws {ConnectionError} `closed` when the time for it is over.
 * @throws what an attempt threw after which another is no use, or the signal's
 * reason.
 */
export async function connectAgain<C>(
  options: ConnectAgainOptions<C>,
  signal: AbortSignal,
): Promise<{ result: C; tries: number }> {
  const { connect, clock, log, budgetMs, tries, why } = options;
  const { dialect, post } = options.attempt;
  const attempt: Attempt = {
    dialect,
    post: { tries: 1, timeoutMs: ANSWER_TIMEOUT_MS, ...post },
  };
  try {
    return await retry((signal) => connect(attempt, signal), {
      budgetMs,
      tries,
      signal,
      clock,
      isFinal,
      onFailure: (error) => log.info("not connected yet", { error }),
    });
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    const { cause } = error;
    const last = cause instanceof Error ? `: ${cause.message}` : "";
    const within = `within ${budgetMs / 1000} s`;
    const message = `${why}; no new connection ${within}${last}`;
    throw new ConnectionError("closed", message);
  }
}

/** Tells whether time doesn't mend it, or the server doesn't want it. */
function isFinal(error: unknown): boolean {
  if (error instanceof SignalingError) {
    return FINAL_STATUS.includes(error.status);
  }
  return !(error instanceof ConnectionError) || error.reason === "closed";
}
