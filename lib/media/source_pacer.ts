import { SYSTEM_CLOCK } from "../clock.ts";

/** Options of {@linkcode SourcePacer}. */
export interface SourcePacerOptions<T> {
  /** How long what comes waits for others, at most `MAX_HOLD_MS`. */
  holdMs: number;
  /** Called with each item when it is due. */
  deliver(item: T): void;
}

/** What has its time. */
export interface Timed {
  /** When it was captured, on the source's clock. */
  seconds: number;
}

/** ffmpeg 6.1 and later begin with a burst of half a second, and no more. */
const MAX_BURST_MS = 500;
/** Longest time that anything is held for others. */
export const MAX_HOLD_MS = 2000;

/**
 * Hands pictures and sound on at the pace of their times.
 *
 * ffmpeg doesn't: with `-re` it gives audio in bursts as long as a video frame,
 * and holds back the last frames of a loop until it has read the file to its
 * end. So all wait for a moment that counts from the time of capture.
 */
export class SourcePacer<T extends Timed> {
  readonly #options: SourcePacerOptions<T>;
  /** Sorted by when they are due. */
  readonly #waiting: { due: number; item: T }[] = [];
  /** When what was captured at 0 is due; the first item sets it. */
  #zeroMs?: number;
  #timer?: ReturnType<typeof setTimeout>;
  readonly #stopped = new AbortController();

  constructor(options: SourcePacerOptions<T>) {
    this.#options = options;
  }

  /** When what was captured then is due, by `performance.now()`. */
  dueTime(seconds: number): number {
    this.#zeroMs ??= performance.now() + this.#options.holdMs - 1000 * seconds;
    return this.#zeroMs + 1000 * seconds;
  }

  /**
   * Takes an item, to be delivered when it is due. Resolves when there is room
   * for another: what comes far too early waits outside.
   */
  async push(item: T): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const most = this.#options.holdMs + MAX_BURST_MS;
    const due = this.dueTime(item.seconds);
    const later = this.#waiting.findLastIndex((other) => other.due <= due) + 1;
    this.#waiting.splice(later, 0, { due, item });
    if (later === 0) this.#schedule();
    const early = due - performance.now() - most;
    if (early > 0) await SYSTEM_CLOCK.sleep(early, this.#stopped.signal);
  }

  /** Takes the next item's time as of now: the source begins again. */
  restart(): void {
    this.#zeroMs = undefined;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  /** Delivers nothing any more. */
  stop(): void {
    this.#stopped.abort();
    this.clear();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const wait = this.#waiting[0].due - performance.now();
    this.#timer = setTimeout(() => this.#release(), Math.max(0, wait));
  }

  #release(): void {
    const now = performance.now();
    const count = this.#waiting.findLastIndex((next) => next.due <= now) + 1;
    const due = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#schedule();
    for (const { item } of due) {
      if (!this.#stopped.signal.aborted) this.#options.deliver(item);
    }
  }
}
