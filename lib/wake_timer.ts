/** A wake-up that comes so much early is not worth another timer. */
export const TIMER_SLACK_MS = 0.5;

/**
 * Wakes something that has no timer of its own, and knows when it is to be
 * woken next. Times are those of `performance.now()`.
 */
export class WakeTimer {
  readonly #wake: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Wakes it at a time, or before; Infinity asks for nothing. */
  set(at: number, now: number): void {
    if (at === Infinity || this.#at <= at + TIMER_SLACK_MS) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.#wake();
    }, Math.max(0, at - now));
  }

  /** Wakes it no more. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
