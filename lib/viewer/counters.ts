/**
 * What the page counts of a stream. No counter has a clock: callers pass times,
 * in milliseconds of any one origin.
 */

/** Time that rates and the latency are taken over, milliseconds. */
const WINDOW_MS = 3_000;

/** Latencies outside of this are the clocks', not the network's. */
const PLAUSIBLE_MS = { least: -20, most: 30_000 };

/** Times and amounts of the last three seconds. */
export class RecentValues {
  #entries: { at: number; value: number }[] = [];

  push(at: number, value: number): void {
    this.#entries.push({ at, value });
    this.#forget(at);
  }

  /** Gives those that are recent at `now`, oldest first. */
  at(now: number): readonly { at: number; value: number }[] {
    this.#forget(now);
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }

  #forget(now: number): void {
    let old = 0;
    while (
      old < this.#entries.length && this.#entries[old].at < now - WINDOW_MS
    ) old++;
    if (old > 0) this.#entries.splice(0, old);
  }
}

/** Frames a second. */
export class FrameRate {
  readonly #frames = new RecentValues();

  push(now: number): void {
    this.#frames.push(now, 1);
  }

  /** Gives frames a second over the last three seconds. */
  at(now: number): number {
    const frames = this.#frames.at(now);
    if (frames.length < 2) return 0;
    const first = frames[0].at;
    const last = frames[frames.length - 1].at;
    const interval = (last - first) / (frames.length - 1);
    // A stream that pauses slows down in the display too.
    const span = Math.max(last - first, now - first - 1.5 * interval);
    return span <= 0 ? 0 : (frames.length - 1) / span * 1000;
  }

  clear(): void {
    this.#frames.clear();
  }
}

/** Bytes a second. */
export class Throughput {
  readonly #bytes = new RecentValues();
  #since: number | undefined;

  push(now: number, bytes: number): void {
    this.#since ??= now;
    this.#bytes.push(now, bytes);
  }

  /** Gives bytes a second over the last three seconds. */
  at(now: number): number {
    const since = this.#since;
    if (since === undefined) return 0;
    const total = this.#bytes.at(now).reduce(
      (sum, { value }) => sum + value,
      0,
    );
    // At least a second, so that the first frame isn't a flood.
    const span = Math.min(WINDOW_MS, Math.max(1_000, now - since));
    return total / span * 1000;
  }

  clear(): void {
    this.#bytes.clear();
    this.#since = undefined;
  }
}

/** What is known of the time from capture to screen. */
export type LatencyReading =
  | { kind: "none" }
  | { kind: "measured"; ms: number }
  /** The two machines' clocks differ by more than the latency. */
  | { kind: "clocks-differ" };

/** The time from capture to screen. */
export class Latency {
  readonly #values = new RecentValues();

  /** @param ms time from capture to screen of one frame, milliseconds. */
  push(now: number, ms: number): void {
    this.#values.push(now, ms);
  }

  /** Gives the median of the last three seconds. */
  at(now: number): LatencyReading {
    const values = this.#values.at(now).map(({ value }) => value)
      .sort((a, b) => a - b);
    if (values.length === 0) return { kind: "none" };
    const ms = values[values.length >> 1];
    return ms < PLAUSIBLE_MS.least || ms > PLAUSIBLE_MS.most
      ? { kind: "clocks-differ" }
      : { kind: "measured", ms: Math.max(0, ms) };
  }

  clear(): void {
    this.#values.clear();
  }
}

/** Frames that never came: gaps in their numbers, which are uint32 and wrap. */
export class Drops {
  /** Frames dropped since the first that came. */
  total = 0;
  #last: number | undefined;

  push(frame: number): void {
    const last = this.#last;
    this.#last = frame;
    if (last === undefined) return;
    const step = (frame - last) >>> 0;
    // A step back is a publisher that began anew, not four billion drops.
    if (step > 1 && step < 0x80000000) this.total += step - 1;
  }

  clear(): void {
    this.total = 0;
    this.#last = undefined;
  }
}
