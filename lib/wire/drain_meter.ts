/** How a data channel's buffer drained since it was opened. */
export interface Drain {
  /** Bytes that left it. */
  readonly bytesLeft: number;
  /** Time in which there was something in it, milliseconds. */
  readonly busyMs: number;
  /** Bytes a second that left lately, while there was something in it. */
  readonly bytesPerSecond: number;
}

/** Time constant of the recent rate, milliseconds. */
const RECENT_MS = 250;
/** Shortest time that a rate is taken over: a burst is none. */
const MIN_RECENT_MS = 50;

/**
 * Measures how fast a data channel takes what it is given, whatever its sender
 * does. Times are milliseconds of any clock that doesn't go back.
 */
export class DrainMeter implements Drain {
  #handed = 0;
  #left = 0;
  #busyMs = 0;
  #at = 0;
  #wasBusy = false;
  #recentBytes = 0;
  #recentMs = 0;

  get bytesLeft(): number {
    return this.#left;
  }

  get busyMs(): number {
    return this.#busyMs;
  }

  get bytesPerSecond(): number {
    return this.#recentBytes / Math.max(this.#recentMs, MIN_RECENT_MS) * 1000;
  }

  /** Notes bytes that are handed to the channel. */
  handed(bytes: number): void {
    this.#handed += bytes;
  }

  /** Notes what the channel's `bufferedAmount` is now. */
  update(now: number, bufferedAmount: number): void {
    // Others may use the channel: it can hold more than was handed over here.
    const left = Math.max(this.#left, this.#handed - bufferedAmount);
    const ms = Math.max(0, now - this.#at);
    const busyMs = this.#wasBusy ? ms : 0;
    const kept = Math.exp(-ms / RECENT_MS);
    this.#recentMs = this.#recentMs * kept + busyMs;
    this.#recentBytes = this.#recentBytes * kept + left - this.#left;
    this.#busyMs += busyMs;
    this.#left = left;
    this.#at = now;
    this.#wasBusy = bufferedAmount > 0;
  }
}
