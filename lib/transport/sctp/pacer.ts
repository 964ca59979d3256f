/**
 * What may be made up for of a pause, in milliseconds and in bytes: timers come
 * late, but a burst has to fit the 212,992 bytes that a kernel buffers by
 * default.
 */
const CATCH_UP_MS = 5;
const CATCH_UP_BYTES = 48 * 1024;
/** Timers tell no less: a packet due so soon goes now, milliseconds. */
const SLACK_MS = 0.5;

/** Spreads packets over time (RFC 9002 section 7.7). */
export class Pacer {
  #nextAt = -Infinity;

  /**
   * Milliseconds to wait before the next packet; 0 for none.
   *
   * @param rate bytes a millisecond.
   */
  wait(now: number, rate: number): number {
    const catchUp = Math.min(CATCH_UP_MS, CATCH_UP_BYTES / rate);
    this.#nextAt = Math.max(this.#nextAt, now - catchUp);
    const wait = this.#nextAt - now;
    return wait > SLACK_MS ? wait : 0;
  }

  /** Notes a packet of `bytes`. */
  onSent(bytes: number, rate: number): void {
    this.#nextAt += bytes / rate;
  }
}
