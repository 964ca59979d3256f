/** A packet that is early by more, or late by so much, begins anew, ms. */
const MAX_EARLY_MS = 500;
const MAX_PAUSE_MS = 600_000;
/** Share of a packet that the next may be late by before one is missing. */
const LATE_SHARE = 0.75;
/** Share of what stamps differ by that is made up for with each packet. */
const CORRECTION = 1 / 32;

/**
 * Times of packets of sound. They follow each other without a gap, whatever
 * their stamps are rounded to, as a decoder fills each gap with noise; what is
 * missing leaves its place free.
 */
export class SoundClock {
  /** When the next one begins where nothing is missing, seconds. */
  #next = 0;
  /** When a time of 0 was captured, milliseconds; none before the first. */
  #zeroMs?: number;

  /**
   * Gives the time of the next packet, seconds: later than the one before.
   *
   * @param captureTime milliseconds since 1970.
   * @param duration of the packet, seconds.
   */
  timeOf(captureTime: number, duration: number): number {
    this.#zeroMs ??= captureTime;
    const lateMs = captureTime - this.capturedAt(this.#next);
    if (lateMs < -MAX_EARLY_MS || lateMs > MAX_PAUSE_MS) {
      this.#zeroMs += lateMs;
    } else {
      const packets = lateMs / 1000 / duration;
      const missing = packets > LATE_SHARE ? Math.round(packets) : 0;
      this.#next += missing * duration;
      this.#zeroMs += (lateMs - missing * duration * 1000) * CORRECTION;
    }
    const seconds = this.#next;
    this.#next += duration;
    return seconds;
  }

  /** When what has that time was captured, milliseconds since 1970. */
  capturedAt(seconds: number): number {
    return 1000 * seconds + (this.#zeroMs ?? 0);
  }
}
