/** A value at a time. */
export interface Sample {
  /** Since the start. */
  seconds: number;
  value: number;
}

/** How a value changes over time. */
export interface Trend {
  mean: number;
  /** Change a minute, by least squares. */
  perMinute: number;
  /** Change over the whole time. */
  rise: number;
  /**
   * How much higher its peaks became: garbage collection, early or late, bends
   * a line but doesn't move the peaks.
   */
  peakRise: number;
}

/** Fits a line through the second half of the samples, the first is warm-up. */
export function trendOf(samples: readonly Sample[]): Trend {
  const half = samples.slice(samples.length >> 1);
  if (half.length < 2) throw new RangeError("A trend takes at least 4 samples");
  const mean = (of: (sample: Sample) => number) =>
    half.reduce((sum, sample) => sum + of(sample), 0) / half.length;
  const at = mean(({ seconds }) => seconds);
  const value = mean((sample) => sample.value);
  const spread = mean(({ seconds }) => (seconds - at) ** 2);
  const common = mean((s) => (s.seconds - at) * (s.value - value));
  const perSecond = spread === 0 ? 0 : common / spread;
  const span = half[half.length - 1].seconds - half[0].seconds;
  return {
    mean: value,
    perMinute: perSecond * 60,
    rise: perSecond * span,
    peakRise: peakRiseOf(samples),
  };
}

/** The first quarter is warm-up; the rest is compared half by half. */
function peakRiseOf(samples: readonly Sample[]): number {
  const values = samples.slice(samples.length >> 2).map(({ value }) => value);
  const middle = values.length >> 1;
  return Math.max(...values.slice(middle)) -
    Math.max(...values.slice(0, middle));
}
