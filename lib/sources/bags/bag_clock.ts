import { type Clock, SYSTEM_CLOCK } from "../../clock.ts";

/** Lateness that is made up for; a slower reader sets the pace. */
const CATCH_UP_MS = 1_000;
/** A stamp so far from the recording's time is of another clock. */
const MAX_AGE_MS = 60_000;

/** When a message of a bag is due, and what its stamp is now. */
export class BagClock {
  readonly #clock: Clock;
  readonly #speed: number;
  /** A moment of the recording, and when it is played. */
  #logStart = 0;
  #playStart: number | undefined;

  /** @param speed 2 plays twice as fast. */
  constructor(speed: number, clock = SYSTEM_CLOCK) {
    this.#speed = speed;
    this.#clock = clock;
  }

  /** Says that what is recorded then is played now. */
  begin(logTime: number): void {
    this.#logStart = logTime;
    this.#playStart = this.#clock.now();
  }

  /** Waits until a message is due. */
  async due(logTime: number, signal: AbortSignal): Promise<void> {
    if (this.#playStart === undefined) this.begin(logTime);
    const late = this.#clock.now() - this.#timeOf(logTime);
    if (late < 0) return await this.#clock.sleep(-late, signal);
    if (late > CATCH_UP_MS) this.#playStart! += late - CATCH_UP_MS;
  }

  /** When a message was due, milliseconds since the Unix epoch. */
  dueAt(logTime: number): number {
    return Date.now() - (this.#clock.now() - this.#timeOf(logTime));
  }

  /**
   * How long before it was recorded a message was measured, as it is played,
   * milliseconds. A stamp of another clock than the recording's says nothing.
   */
  ageOf(stamp: number, logTime: number): number {
    const age = logTime - stamp;
    return Math.abs(age) <= MAX_AGE_MS ? age / this.#speed : 0;
  }

  #timeOf(logTime: number): number {
    return (this.#playStart ?? 0) + (logTime - this.#logStart) / this.#speed;
  }
}
