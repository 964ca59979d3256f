import { type Clock, SYSTEM_CLOCK } from "../../clock.ts";

/** Lateness that is made up for; a slower reader sets the pace. */
const CATCH_UP_MS = 1_000;
/** A stamp so far from the recording's time is of another clock. */
const MAX_AGE_MS = 60_000;
/** As long as a timer can wait. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

/** When a message of a bag is due, and what its stamp is now. */
export class BagClock {
  readonly #clock: Clock;
  #speed: number;
  #isPaused = false;
  /** A moment of the recording, and when it is played. */
  #logStart = 0;
  #playStart: number | undefined;
  /** Wakes who waits, as what he waits for has another time now. */
  #changed = new AbortController();

  /** @param speed 2 plays twice as fast. */
  constructor(speed: number, clock = SYSTEM_CLOCK) {
    this.#speed = speed;
    this.#clock = clock;
  }

  get speed(): number {
    return this.#speed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** What is played now, as a time of the recording; nothing before. */
  get position(): number | undefined {
    if (this.#playStart === undefined) return undefined;
    return this.#isPaused
      ? this.#logStart
      : this.#logStart + (this.#clock.now() - this.#playStart) * this.#speed;
  }

  /** Says that what is recorded then is played now. */
  begin(logTime: number): void {
    this.#logStart = logTime;
    this.#playStart = this.#clock.now();
  }

  /** Stops, or goes on from there. */
  setPaused(isPaused: boolean): void {
    this.#change(() => this.#isPaused = isPaused);
  }

  /** Plays so many times as fast from here on. */
  setSpeed(speed: number): void {
    this.#change(() => this.#speed = speed);
  }

  /** Wakes who waits, to see whether he still has to. */
  interrupt(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** Waits until a message is due, or the signal is aborted. */
  async due(logTime: number, signal: AbortSignal): Promise<void> {
    if (this.#playStart === undefined) this.begin(logTime);
    while (!signal.aborted) {
      const early = this.#isPaused
        ? Infinity
        : this.#timeOf(logTime) - this.#clock.now();
      if (early <= 0) return this.#catchUp(-early);
      const ms = Math.min(early, MAX_SLEEP_MS);
      await this.#clock.sleep(ms, this.#changed.signal);
    }
  }

  /** When a message was due, milliseconds since the Unix epoch. */
  dueAt(logTime: number): number {
    // What is shown while it stands is shown at once.
    if (this.#isPaused) return Date.now();
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

  #catchUp(late: number): void {
    if (late > CATCH_UP_MS) this.#playStart! += late - CATCH_UP_MS;
  }

  #change(change: () => void): void {
    const { position } = this;
    change();
    if (position !== undefined) this.begin(position);
    this.interrupt();
  }

  #timeOf(logTime: number): number {
    return (this.#playStart ?? 0) + (logTime - this.#logStart) / this.#speed;
  }
}
