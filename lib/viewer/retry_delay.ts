const FIRST_MS = 500;
const MAX_MS = 4_000;

/** Times to wait before trying again: half a second, doubling to four. */
export class RetryDelay {
  #ms = FIRST_MS;

  /** Gives the time to wait now, milliseconds. */
  next(): number {
    const ms = this.#ms;
    this.#ms = Math.min(2 * ms, MAX_MS);
    return ms;
  }

  /** It worked: the next time is the first again. */
  reset(): void {
    this.#ms = FIRST_MS;
  }
}

/** Waits, but no longer than until `signal` aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
