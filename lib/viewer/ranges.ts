/**
 * What a cloud spans, robustly: percentiles of a sample of its points, so that
 * a few strays neither wash the colours out nor push the view away.
 */

/** A closed interval, low ≤ high. */
export interface Range {
  low: number;
  high: number;
}

/** An upright box, metres. */
export interface Box {
  min: [x: number, y: number, z: number];
  max: [x: number, y: number, z: number];
}

/** What the points of a cloud span. */
export interface CloudRanges {
  /** Of z, metres. */
  height: Range;
  /** Of the distance from the origin, metres. */
  distance: Range;
  /** Of the fourth value of a point; nothing where there is none. */
  intensity: Range | undefined;
  box: Box;
}

/** Points that are looked at; some thousands give percentiles to about 1 %. */
const SAMPLE = 2048;

/** Shares of the points below and above a colour range. */
const COLOR_TAIL = 0.02;

/** Shares of the points below and above a side of the box, at the most. */
const BOX_TAIL = 0.004;

/**
 * Outdoors, few points are very far away: the box reaches no farther beyond
 * what holds nearly all of them than by this share of it.
 */
const CORE_TAIL = 0.025;
const CORE_MARGIN = 0.15;

/** Looks at clouds, one after the other, without allocating for each. */
export class RangeSampler {
  readonly #columns = Array.from(
    { length: 5 },
    () => new Float32Array(SAMPLE),
  );

  /**
   * Measures a cloud of shape (points, stride), C order: x, y, z, and the
   * intensity where `stride` is 4. Points without a finite position are passed
   * over.
   *
   * @returns nothing for a cloud without a finite point.
   */
  sample(
    values: Float32Array,
    points: number,
    stride: 3 | 4,
  ): CloudRanges | undefined {
    const [xs, ys, zs, distances, intensities] = this.#columns;
    const step = Math.max(1, points / SAMPLE);
    let count = 0;
    let strengths = 0;
    for (let at = 0; at < points && count < SAMPLE; at += step) {
      const i = Math.floor(at) * stride;
      const x = values[i], y = values[i + 1], z = values[i + 2];
      const distance = Math.hypot(x, y, z);
      if (!Number.isFinite(distance)) continue;
      xs[count] = x;
      ys[count] = y;
      zs[count] = z;
      distances[count++] = distance;
      const intensity = stride === 4 ? values[i + 3] : NaN;
      if (Number.isFinite(intensity)) intensities[strengths++] = intensity;
    }
    if (count === 0) return undefined;
    const [x, y, z, far] = [xs, ys, zs, distances].map((column) =>
      column.subarray(0, count).sort()
    );
    const strength = intensities.subarray(0, strengths).sort();
    const sides = [x, y, z].map((column) => sideOf(column));
    return {
      height: rangeOf(z, COLOR_TAIL),
      distance: rangeOf(far, COLOR_TAIL),
      intensity: strengths > 0 ? rangeOf(strength, COLOR_TAIL) : undefined,
      box: {
        min: [sides[0].low, sides[1].low, sides[2].low],
        max: [sides[0].high, sides[1].high, sides[2].high],
      },
    };
  }
}

/** Gives sorted values without a share of them at either end. */
function rangeOf(sorted: Float32Array, tail: number): Range {
  const cut = Math.floor(sorted.length * tail);
  return { low: sorted[cut], high: sorted[sorted.length - 1 - cut] };
}

function sideOf(sorted: Float32Array): Range {
  const all = rangeOf(sorted, BOX_TAIL);
  const core = rangeOf(sorted, CORE_TAIL);
  const margin = CORE_MARGIN * (core.high - core.low);
  return {
    low: Math.max(all.low, core.low - margin),
    high: Math.min(all.high, core.high + margin),
  };
}

/** How much of the way to a new range is gone with each frame. */
const EASE = 0.12;

/** Follows a range from frame to frame, slowly: colours don't flicker. */
export class SmoothRange {
  #range: Range | undefined;

  /** The range so far; nothing before the first. */
  get range(): Range | undefined {
    return this.#range;
  }

  /** Takes a frame's range. One that has nothing in common replaces it. */
  push(next: Range): Range {
    const now = this.#range;
    this.#range = now === undefined || !overlap(now, next) ? { ...next } : {
      low: now.low + (next.low - now.low) * EASE,
      high: now.high + (next.high - now.high) * EASE,
    };
    return this.#range;
  }

  /** Begins another stream, and forgets all. */
  reset(): void {
    this.#range = undefined;
  }
}

function overlap(a: Range, b: Range): boolean {
  return a.low <= b.high && b.low <= a.high;
}
