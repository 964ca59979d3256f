/**
 * Waits for `event`, but no longer than `ms`.
 *
 * @returns whether it came in time.
 * @throws what `event` rejects with, or the signal's reason when it is aborted.
 */
export function settlesWithin(
  ms: number,
  event: Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => resolve(false)), ms);
    const onAbort = () => finish(() => reject(signal!.reason));
    const finish = (outcome: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      outcome();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    // First of all, or else its rejection goes unhandled after an abort.
    event.then(
      () => finish(() => resolve(true)),
      (error) => finish(() => reject(error)),
    );
    if (signal?.aborted) onAbort();
  });
}

/**
 * Waits for `event`.
 *
 * @throws what it rejects with, or the signal's reason when it is aborted.
 */
export async function unlessAborted<T>(
  event: T | Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  if (!(event instanceof Promise)) return event;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([event, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Resolves when the signal is aborted, at once where it is already. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
