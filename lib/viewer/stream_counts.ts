/** What is counted of one stream. */
import { Drops, FrameRate, Latency } from "./counters.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** A stream without a frame for so long may have stopped, milliseconds. */
const SILENT_MS = 4_000;

/** Or, where it is slow, for so many times as long as from frame to frame. */
const SILENT_FRAMES = 4;

/** Counts the clouds of a stream; times are milliseconds of any one origin. */
export class StreamCounts {
  readonly rate = new FrameRate();
  readonly latency = new Latency();
  readonly drops = new Drops();
  /** The newest cloud's make; nothing before the first. */
  newest:
    | Pick<DecodedCloud, "points" | "codec" | "fields" | "stride">
    | undefined;
  /** Frames that came so far. */
  frames = 0;
  #at: number | undefined;
  #interval: number | undefined;

  /** Takes one frame that came whole. */
  push(now: number, { number, points, codec, fields, stride }: DecodedCloud) {
    this.frames++;
    this.drops.push(number);
    this.rate.push(now);
    this.newest = { points, codec, fields, stride };
    if (this.#at !== undefined) this.#interval = now - this.#at;
    this.#at = now;
  }

  /** Points a second. */
  pointsAt(now: number): number {
    return (this.newest?.points ?? 0) * this.rate.at(now);
  }

  /** Whether its frames have stopped coming; one alone may be all there is. */
  isSilent(now: number): boolean {
    if (this.#at === undefined || this.#interval === undefined) return false;
    const most = Math.max(SILENT_MS, SILENT_FRAMES * this.#interval);
    return now - this.#at > most;
  }

  /** Begins another connection, and forgets what was counted. */
  reset(): void {
    this.rate.clear();
    this.latency.clear();
    this.drops.clear();
    this.newest = undefined;
    this.frames = 0;
    this.#at = undefined;
    this.#interval = undefined;
  }
}
