/** Repairs, of late, that show a path that loses packets. */
const LEAST_REPAIRS = 3;
/** How long one is remembered, milliseconds. */
const MEMORY_MS = 20_000;
/** Round trips that a repair takes, and time beyond them, milliseconds. */
const ROUND_TRIPS = 1.25;
const ANSWER_MS = 50;
/** Most that a picture is held back for it, milliseconds. */
const MOST_MS = 500;

/** How long a packet takes to come that is asked for, milliseconds. */
export function repairMsFor(roundTripMs: number): number {
  return Math.min(ROUND_TRIPS * roundTripMs + ANSWER_MS, MOST_MS);
}

/**
 * How long a receiver is to hold pictures back: where packets are lost, for as
 * long as their repair takes, or each would show as a short freeze. libwebrtc's
 * receivers do so by themselves where they know the round trip, which those
 * that send nothing don't.
 */
export class PlayoutDelay {
  readonly #repairs: number[] = [];

  /** Notes that packets were asked for. */
  repaired(now: number): void {
    this.#repairs.push(now);
    if (this.#repairs.length > LEAST_REPAIRS) this.#repairs.shift();
  }

  /** Milliseconds; 0 for as soon as can be. */
  at(now: number, roundTripMs: number): number {
    const [first] = this.#repairs;
    if (this.#repairs.length < LEAST_REPAIRS || now - first > MEMORY_MS) {
      return 0;
    }
    return repairMsFor(roundTripMs);
  }
}

/**
 * The value of the header extension "playout-delay": the least and the most, 12
 * bits each, in units of 10 ms.
 */
export function playoutDelayValue(leastMs: number): number {
  return Math.round(leastMs / 10) << 12 | 0x3e8;
}
