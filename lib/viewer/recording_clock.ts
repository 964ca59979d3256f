/** Which moment of a recording is shown. */
import type { PlayoutClock } from "./playout_clock.ts";

/**
 * Goes through a recording as fast as it is told to, and stands while what
 * comes next isn't there yet.
 */
export class RecordingClock implements PlayoutClock {
  readonly #time: () => number;
  /** The moment that was shown at a time. */
  #moment: number;
  #at: number;
  #speed = 1;
  #isPaused = false;
  #limit: number;

  /**
   * @param moment to begin with, milliseconds.
   * @param time milliseconds that only go up. @default {performance.now}
   */
  constructor(moment: number, time = () => performance.now()) {
    this.#time = time;
    this.#moment = this.#limit = moment;
    this.#at = time();
  }

  get rate(): number {
    return this.#isPaused || this.isWaiting ? 0 : this.#speed;
  }

  /** Whether it would go on, but for what isn't there yet. */
  get isWaiting(): boolean {
    return !this.#isPaused && this.now() >= this.#limit;
  }

  /** How long it has waited for what isn't there yet, milliseconds. */
  get waitedMs(): number {
    if (this.#isPaused) return 0;
    const reached = this.#at + (this.#limit - this.#moment) / this.#speed;
    return Math.max(0, this.#time() - reached);
  }

  now(): number {
    const gone = this.#isPaused ? 0 : this.#time() - this.#at;
    return Math.min(this.#limit, this.#moment + gone * this.#speed);
  }

  get speed(): number {
    return this.#speed;
  }

  /** How many times as fast as it was recorded. */
  set speed(speed: number) {
    this.#settle();
    this.#speed = speed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  set isPaused(isPaused: boolean) {
    this.#settle();
    this.#isPaused = isPaused;
  }

  /** Goes on up to here: what is before is there. */
  set limit(limit: number) {
    this.#settle();
    this.#limit = limit;
  }

  /** Goes to a moment, and stands there until there is a limit. */
  seek(moment: number): void {
    this.#moment = this.#limit = moment;
    this.#at = this.#time();
  }

  #settle(): void {
    this.#moment = this.now();
    this.#at = this.#time();
  }
}
