/** A picture that is older by less comes too late, milliseconds. */
const REORDERED_MS = 1_000;
/** What is later by more than that begins anew, milliseconds. */
const MAX_PAUSE_MS = 10_000;
/** Time between the last before a jump and the first after it, milliseconds. */
const GAP_MS = 40;

/** Times of pictures by when they were captured, which may jump, as a bag's. */
export class PushedClock {
  /** What is added to capture times, milliseconds; none before the first. */
  #shiftMs?: number;
  #last = { captured: 0, timeMs: 0 };

  /**
   * Gives the time of the next picture, seconds: later than the one before.
   *
   * @param captureTime milliseconds since 1970.
   * @returns nothing for a picture that is older than one before it.
   */
  timeOf(captureTime: number): number | undefined {
    if (!Number.isFinite(captureTime)) return undefined;
    this.#shiftMs ??= -captureTime;
    const sinceMs = captureTime - this.#last.captured;
    const isFirst = this.#last.captured === 0;
    if (!isFirst && sinceMs <= 0 && sinceMs > -REORDERED_MS) return undefined;
    if (!isFirst && (sinceMs <= 0 || sinceMs > MAX_PAUSE_MS)) {
      this.#shiftMs = this.#last.timeMs + GAP_MS - captureTime;
    }
    const timeMs = captureTime + this.#shiftMs;
    this.#last = { captured: captureTime, timeMs };
    return timeMs / 1000;
  }

  /** When what has that time was captured, milliseconds since 1970. */
  capturedAt(seconds: number): number {
    return 1000 * seconds - (this.#shiftMs ?? 0);
  }
}
