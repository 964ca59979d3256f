import { setTimeout as delay } from "node:timers/promises";
import { Backoff, type BackoffOptions } from "./backoff.ts";

export interface RetryOptions extends BackoffOptions {
  signal: AbortSignal;
  /** Tells that another try would fail the same way. */
  isFinal(error: unknown): boolean;
  /** Is told of each try that failed and is followed by another. */
  onFailure?(error: unknown): void;
}

/** Thrown when the time for tries is over; its cause is why the last one failed. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";
}

/**
 * Makes tries until one succeeds, as {@linkcode Backoff} says.
 *
 * @param attempt makes one try, and gives it up when its signal is aborted.
 * @returns what it gave, and how many tries there were.
 * @throws {OutOfTimeError} when the budget is used up.
 * @throws what a try threw that is final, or the signal's reason.
 */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: RetryOptions,
): Promise<{ result: T; tries: number }> {
  const { signal, budgetMs } = options;
  const backoff = new Backoff(options, performance.now());
  const deadline = AbortSignal.timeout(budgetMs);
  const either = AbortSignal.any([signal, deadline]);
  let failure: unknown;
  while (true) {
    const wait = backoff.next(performance.now());
    if (wait === undefined || deadline.aborted) break;
    if (failure !== undefined) options.onFailure?.(failure);
    await delay(wait, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
    try {
      return { result: await attempt(either), tries: backoff.tries };
    } catch (error) {
      signal.throwIfAborted();
      if (options.isFinal(error)) throw error;
      // What the deadline cut short says less than what failed before.
      if (!deadline.aborted || failure === undefined) failure = error;
    }
  }
  throw new OutOfTimeError(`No success within ${budgetMs / 1000} s`, {
    cause: failure,
  });
}
