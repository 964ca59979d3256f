/** How a TSN that came relates to those before. */
export type Arrival =
  /** The next one, with nothing missing. */
  | "in-order"
  /** One that was missing. */
  | "fills-gap"
  /** Beyond the highest, next to it, with something missing below. */
  | "extends"
  /** Beyond the highest, and what lies between is missing. */
  | "opens-gap"
  /** It came before. */
  | "duplicate"
  /** There are more gaps than are kept track of: it is not noted. */
  | "refused";

/** Most separate runs of TSNs above the cumulative one. */
const MAX_RUNS = 2048;

/**
 * Which TSNs have come: all up to the cumulative one, and runs above it. The
 * cost of one arrival grows with the logarithm of the number of gaps, not with
 * the window.
 */
export class ReceivedTsns {
  #cumulative: number;
  /** First and last TSN of each run, ascending; no two touch. */
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];

  /** @param cumulative unwrapped TSN up to which all is taken as received. */
  constructor(cumulative: number) {
    this.#cumulative = cumulative;
  }

  /** All TSNs up to this one have come. */
  get cumulative(): number {
    return this.#cumulative;
  }

  /** The highest TSN that has come. */
  get highest(): number {
    return this.#lasts.at(-1) ?? this.#cumulative;
  }

  /** Whether something below the highest is missing. */
  get hasGaps(): boolean {
    return this.#lasts.length > 0;
  }

  /** Notes an unwrapped TSN. */
  add(tsn: number): Arrival {
    if (tsn <= this.#cumulative) return "duplicate";
    const highest = this.highest;
    if (tsn > highest) return this.#addBeyond(tsn, highest);
    const run = this.#runAtOrAfter(tsn);
    const firsts = this.#firsts;
    const lasts = this.#lasts;
    if (tsn >= firsts[run]) return "duplicate";
    if (tsn === this.#cumulative + 1) {
      this.#cumulative = tsn;
      this.#absorb();
      return "fills-gap";
    }
    const joinsLeft = run > 0 && lasts[run - 1] === tsn - 1;
    const joinsRight = firsts[run] === tsn + 1;
    if (joinsLeft && joinsRight) {
      lasts[run - 1] = lasts[run];
      firsts.splice(run, 1);
      lasts.splice(run, 1);
    } else if (joinsLeft) lasts[run - 1] = tsn;
    else if (joinsRight) firsts[run] = tsn;
    else {
      if (firsts.length >= MAX_RUNS) return "refused";
      firsts.splice(run, 0, tsn);
      lasts.splice(run, 0, tsn);
    }
    return "fills-gap";
  }

  /** Takes all up to `tsn` as received (RFC 3758 section 3.6). */
  forward(tsn: number): void {
    if (tsn <= this.#cumulative) return;
    this.#cumulative = tsn;
    this.#absorb();
  }

  /**
   * The runs above the cumulative TSN as SACK has them: offsets from it, lowest
   * first, as many as fit `most` and 16 bits.
   */
  gapBlocks(most: number): [first: number, last: number][] {
    const blocks: [number, number][] = [];
    for (let i = 0; i < this.#firsts.length && blocks.length < most; i++) {
      const first = this.#firsts[i] - this.#cumulative;
      if (first > 0xffff) break;
      const last = Math.min(this.#lasts[i] - this.#cumulative, 0xffff);
      blocks.push([first, last]);
    }
    return blocks;
  }

  #addBeyond(tsn: number, highest: number): Arrival {
    if (!this.hasGaps && tsn === this.#cumulative + 1) {
      this.#cumulative = tsn;
      return "in-order";
    }
    if (tsn === highest + 1) {
      this.#lasts[this.#lasts.length - 1] = tsn;
      return "extends";
    }
    if (this.#firsts.length >= MAX_RUNS) return "refused";
    this.#firsts.push(tsn);
    this.#lasts.push(tsn);
    return "opens-gap";
  }

  /** Index of the first run that ends at `tsn` or later; there is one. */
  #runAtOrAfter(tsn: number): number {
    let low = 0;
    let high = this.#lasts.length - 1;
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#lasts[middle] >= tsn) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops runs that the cumulative TSN has reached, and goes on over them. */
  #absorb(): void {
    let count = 0;
    while (
      count < this.#firsts.length &&
      this.#firsts[count] <= this.#cumulative + 1
    ) {
      this.#cumulative = Math.max(this.#cumulative, this.#lasts[count++]);
    }
    this.#firsts.splice(0, count);
    this.#lasts.splice(0, count);
  }
}
