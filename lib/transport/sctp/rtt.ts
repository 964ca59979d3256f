/** Shortest retransmission timeout, milliseconds. */
const RTO_MIN_MS = 200;
/**
 * Longest: an outage ends at any time, and a packet every two seconds finds out
 * without a burden to anyone (RFC 9260's 60 s is a recommendation).
 */
const RTO_MAX_MS = 2_000;
const RTO_INITIAL_MS = 1_000;

/**
 * Smoothed round-trip time and retransmission timeout (RFC 9260 section 6.3).
 */
export class RttEstimator {
  #smoothed: number | undefined;
  #variation = 0;
  #backoff = 1;
  /** Least round-trip time ever, milliseconds. */
  min = Infinity;
  /** The last one, milliseconds. */
  latest: number | undefined;

  /** @param initial round-trip time where one is known, milliseconds. */
  constructor(initial?: number) {
    if (initial !== undefined) {
      this.#smoothed = initial;
      this.#variation = initial / 2;
    }
  }

  /** Smoothed round-trip time, milliseconds, where one is known. */
  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  update(rtt: number): void {
    this.latest = rtt;
    this.min = Math.min(this.min, rtt);
    if (this.#smoothed === undefined) {
      this.#smoothed = rtt;
      this.#variation = rtt / 2;
    } else {
      this.#variation += (Math.abs(this.#smoothed - rtt) - this.#variation) / 4;
      this.#smoothed += (rtt - this.#smoothed) / 8;
    }
  }

  /** Retransmission timeout now, milliseconds. */
  get timeout(): number {
    const base = this.#smoothed === undefined
      ? RTO_INITIAL_MS
      : this.#smoothed + 4 * this.#variation;
    return Math.min(Math.max(base, RTO_MIN_MS) * this.#backoff, RTO_MAX_MS);
  }

  /** Doubles the timeout, until `relax`. */
  backOff(): void {
    this.#backoff *= 2;
  }

  relax(): void {
    this.#backoff = 1;
  }
}
