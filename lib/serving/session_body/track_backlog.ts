import type { ByteBudget } from "../../limits/byte_budget.ts";
import type { TimedMediaFrame } from "../../recording/track_reader.ts";

export interface TrackBacklogOptions {
  /** What is held for all who read. */
  budget: ByteBudget;
  /** Asks the publisher for a keyframe. */
  requestKeyframe(): void;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

interface Waiting {
  readonly timed: TimedMediaFrame;
  readonly since: number;
  readonly held: Disposable;
}

/** What waits for longer is worth nothing, milliseconds. */
const STALE_MS = 1_000;
/** Most that waits of a track, bytes; one frame may be larger. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A keyframe is asked for so often at most, milliseconds. */
const ASK_MS = 1_000;

/**
 * The sound or the pictures of one track that a reader hasn't taken yet. Where
 * it is slow, those up to the newest keyframe are left out, and all where there
 * is none: of sound each packet is one.
 */
export class TrackBacklog implements Disposable {
  readonly #options: TrackBacklogOptions;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** Whether nothing was left out since the last keyframe. */
  #isWhole = false;
  #askedAt = -Infinity;

  constructor(options: TrackBacklogOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Since when the oldest waits; Infinity where none does. */
  get since(): number {
    return this.#waiting[0]?.since ?? Infinity;
  }

  /** Takes the next frame, or leaves it or others out. */
  push(timed: TimedMediaFrame): void {
    const { keyframe, data } = timed.frame;
    const now = this.#now();
    const isOver = this.#bytes + data.length > MAX_BYTES &&
      this.#waiting.length > 0;
    if (isOver || now - this.since > STALE_MS) this.#skip();
    const held = this.#options.budget.take(data.length);
    if (held === undefined) this.#isWhole = false;
    else if (keyframe) this.#isWhole = true;
    if (held === undefined || !this.#isWhole) {
      held?.[Symbol.dispose]();
      return this.#ask(now);
    }
    this.#waiting.push({ timed, since: now, held });
    this.#bytes += data.length;
  }

  /** Gives the oldest. */
  shift(): TimedMediaFrame | undefined {
    return this.#remove(1)?.timed;
  }

  [Symbol.dispose](): void {
    this.#remove(this.#waiting.length);
  }

  /** Goes on at the newest keyframe, or else at the next. */
  #skip(): void {
    const key = this.#waiting.findLastIndex(({ timed }) =>
      timed.frame.keyframe
    );
    if (key > 0) return void this.#remove(key);
    this.#remove(this.#waiting.length);
    this.#isWhole = false;
  }

  /** @returns the last of so many. */
  #remove(count: number): Waiting | undefined {
    const removed = this.#waiting.splice(0, count);
    for (const { timed, held } of removed) {
      this.#bytes -= timed.frame.data.length;
      held[Symbol.dispose]();
    }
    return removed.at(-1);
  }

  #ask(now: number): void {
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    this.#options.requestKeyframe();
  }
}
