/** How often a quantity fell into each of some ranges: plain data. */
export type HistogramCounts = {
  /** Observations at most as large as each bound, and above the one before. */
  counts: number[];
  /** Sum of all observations, also of those above the last bound. */
  sum: number;
  /** Number of observations. */
  count: number;
};

/** Counts observations of a quantity in ranges that don't change. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** @param bounds upper ends of the ranges, ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const range = this.#bounds.findIndex((bound) => value <= bound);
    if (range >= 0) this.#counts[range]++;
    this.#sum += value;
    this.#count++;
  }

  /** Copies the counts, as plain data. */
  snapshot(): HistogramCounts {
    return { counts: [...this.#counts], sum: this.#sum, count: this.#count };
  }
}
