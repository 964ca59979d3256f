import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { Backoff, type BackoffOptions } from "../backoff.ts";

export interface RetryOptions extends BackoffOptions {
  budgetMs: number;
  /** Ends the tries. */
  signal: AbortSignal;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
  /** Tells whether another try would fail the same way. */
  isFinal(error: unknown): boolean;
  /** Called for each try that fails and is followed by another. */
  onFailure?(error: unknown): void;
}

/**
 * Thrown when the time for tries is over. Its cause is why the last one failed
 * that wasn't cut short; none where there was no such try.
 */
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
  const { signal, budgetMs, clock = SYSTEM_CLOCK } = options;
  const backoff = new Backoff(options, clock.now());
  using deadline = abortAfter(budgetMs, clock);
  const either = AbortSignal.any([signal, deadline.signal]);
  let failure: unknown;
  while (!backoff.isOver(clock.now()) && !deadline.signal.aborted) {
    const wait = backoff.next(clock.now());
    if (failure !== undefined) options.onFailure?.(failure);
    await clock.sleep(wait, signal);
    signal.throwIfAborted();
    try {
      return { result: await attempt(either), tries: backoff.tries };
    } catch (error) {
      signal.throwIfAborted();
      // What the deadline cuts short says less than what failed before.
      if (error === deadline.signal.reason) break;
      if (options.isFinal(error)) throw error;
      failure = error;
    }
  }
  throw new OutOfTimeError(`No success within ${budgetMs / 1000} s`, {
    cause: failure,
  });
}

/** Makes a signal that is aborted after `ms`, unless it is disposed before. */
function abortAfter(
  ms: number,
  clock: Clock,
): Disposable & { signal: AbortSignal } {
  const deadline = new AbortController();
  const over = new AbortController();
  const timeout = new DOMException("The time is over", "TimeoutError");
  void clock.sleep(ms, over.signal).then(() => deadline.abort(timeout));
  return {
    signal: deadline.signal,
    [Symbol.dispose]: () => over.abort(),
  };
}
