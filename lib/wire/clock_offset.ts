/** How two machines' clocks are compared (RFC 5905 section 8). */

/** How far another machine's clock is ahead of one's own. */
export interface ClockOffset {
  /** Milliseconds; less than 0 where it is behind. */
  offset: number;
  /** Milliseconds that this may be wrong by, either way. */
  error: number;
}

/** The moments of a question and its answer, each by its writer's clock. */
export interface ClockSample {
  /** When the question was sent, by one's own clock. */
  origin: number;
  /** When it came, by the other's. */
  receive: number;
  /** When the answer was sent, by the other's. */
  transmit: number;
  /** When that came, by one's own. */
  arrival: number;
}

/** The clocks' own steps: they are read in whole milliseconds. */
const TICK_MS = 1;
/** Two clocks that run free drift apart by so much a millisecond. */
const DRIFT = 50e-6;

/**
 * What one exchange tells: that it took as long there as back, or that all of
 * the time went into one of the two.
 */
export function offsetOf(
  { origin, receive, transmit, arrival }: ClockSample,
): ClockOffset {
  const offset = (receive - origin + (transmit - arrival)) / 2;
  const delay = Math.max(0, arrival - origin - (transmit - receive));
  return { offset, error: delay / 2 + TICK_MS };
}

/** The other's clock against one's own, where a third machine lies between. */
export function addOffsets(a: ClockOffset, b: ClockOffset): ClockOffset {
  return { offset: a.offset + b.offset, error: a.error + b.error };
}

/** Tells whether nothing changed. */
export function areSameOffsets(a: ClockOffset, b?: ClockOffset): boolean {
  return a.offset === b?.offset && a.error === b.error;
}

/** Keeps the best that exchanges tell of another machine's clock. */
export class ClockComparison {
  #best: ClockOffset | undefined;
  #bestAt = 0;

  /** The offset, as it was known when it was found out; none before that. */
  get best(): ClockOffset | undefined {
    return this.#best;
  }

  /**
   * Takes what one more exchange tells.
   *
   * @returns whether the offset is another now.
   */
  add(sample: ClockSample): boolean {
    const next = offsetOf(sample);
    const best = this.#best;
    if (best !== undefined) {
      const error = best.error + DRIFT * (sample.arrival - this.#bestAt);
      const apart = Math.abs(next.offset - best.offset);
      // Further apart than both may be wrong: one of the clocks was set.
      if (next.error > error && apart <= next.error + error) return false;
    }
    this.#best = next;
    this.#bestAt = sample.arrival;
    return true;
  }
}
