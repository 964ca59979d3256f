/**
 * What may be made up for of a pause, in milliseconds and in bytes: timers come
 * late, but a burst has to fit the 212,992 bytes that a kernel buffers by
 * default, of which a packet of 1280 takes some 2,300.
 */
const CATCH_UP_MS = 5;
const CATCH_UP_BYTES = 48 * 1024;
/**
 * A fast path's, as timers tell milliseconds: with 48 KiB for each of their
 * turns it would be no faster than 40 MB/s.
 */
const FAST_CATCH_UP_MS = 2;
const MAX_CATCH_UP_BYTES = 96 * 1024;
/** Timers tell no less: a packet due so soon goes now, milliseconds. */
const SLACK_MS = 0.5;

/** Spreads packets over time (RFC 9002 section 7.7). */
export class Pacer {
  #nextAt = -Infinity;
  #isWaiting = false;

  /**
   * Goes on, after a wait for the pace or for anything else.
   *
   * @param rate bytes a millisecond.
   * @returns whether it was a wait for the pace that took so long that the pace
   * isn't kept.
   */
  resume(now: number, rate: number): boolean {
    const bytes = Math.max(CATCH_UP_BYTES, FAST_CATCH_UP_MS * rate);
    const most = Math.min(bytes, MAX_CATCH_UP_BYTES);
    const least = now - Math.min(CATCH_UP_MS, most / rate);
    const isBehind = this.#isWaiting && this.#nextAt < least;
    this.#nextAt = Math.max(this.#nextAt, least);
    this.#isWaiting = false;
    return isBehind;
  }

  /** Milliseconds to wait before the next packet; 0 for none. */
  wait(now: number): number {
    const wait = this.#nextAt - now;
    this.#isWaiting = wait > SLACK_MS;
    return this.#isWaiting ? wait : 0;
  }

  /** Notes that a packet that may go waits for something else. */
  hold(): void {
    this.#isWaiting = false;
  }

  /** Notes a packet of `bytes`; `rate` is in bytes a millisecond. */
  onSent(bytes: number, rate: number): void {
    this.#nextAt += bytes / rate;
  }
}
