/** Which moment is shown and heard, of pictures and sound alike. */

/** Tells when encoded pictures and sound are due. */
export interface PlayoutClock {
  /**
   * How fast it goes: 1 as things were captured, 0 while it stands. Who sets it
   * back, or far ahead, resets the decoders that go by it.
   */
  readonly rate: number;
  /**
   * Gives the moment that is due now, by the clock of captures, milliseconds;
   * nothing while that isn't known.
   */
  now(): number | undefined;
}

/** Arrivals that are looked at: some 2 s of pictures and sound. */
const MOST_SEEN = 128;

/** Arrivals between two looks at all of them. */
const LOOK_EVERY = 8;

/** Share of what comes that is here when it is due. */
const IN_TIME = 0.95;

/** Most that all waits for what is late, milliseconds. */
const MOST_WAIT_MS = 1_000;

/** What is due is moved by more than this only, milliseconds. */
const TOLERANCE_MS = 20;

/**
 * Follows what comes live: due is what was captured so long ago that nearly all
 * of it has come. What is captured at one moment is so shown at one moment,
 * whichever way it takes to get decoded.
 */
export class LiveClock implements PlayoutClock {
  readonly rate = 1;
  readonly #time: () => number;
  /** From capture to arrival, as far as two clocks can tell, milliseconds. */
  #transits: number[] = [];
  #arrivals = 0;
  /** How long after its capture something is due, by the same clocks. */
  #delay: number | undefined;

  /** @param time milliseconds that only go up. @default {performance.now} */
  constructor(time = () => performance.now()) {
    this.#time = time;
  }

  /** Takes note that something has come. */
  see(captureTime: number): void {
    this.#transits.push(this.#time() - captureTime);
    if (this.#transits.length > MOST_SEEN) this.#transits.shift();
    if (this.#arrivals++ % LOOK_EVERY === 0) this.#look();
  }

  now(): number | undefined {
    return this.#delay === undefined ? undefined : this.#time() - this.#delay;
  }

  #look(): void {
    const sorted = this.#transits.toSorted((a, b) => a - b);
    const most = sorted[Math.floor(IN_TIME * (sorted.length - 1))];
    const delay = Math.min(most, sorted[0] + MOST_WAIT_MS);
    // Sound is cut where it moves.
    const isAlike = Math.abs(delay - (this.#delay ?? NaN)) <= TOLERANCE_MS;
    if (!isAlike) this.#delay = delay;
  }
}
