import { unlessAborted } from "../../async.ts";

/** Time that what is under way may wait on its path, milliseconds. */
const AHEAD_MS = 200;
/** Least that may be under way, bytes: a picture, and some sound. */
const LEAST_BYTES = 16 * 1024;
/** The same before the reader has said anything. */
const FIRST_BYTES = 64 * 1024;
/** Time that a rate is measured over, milliseconds: reports come in bursts. */
const SPAN_MS = 300;
/** Share of a new measure of the rate that counts, where it is lower. */
const NEWS = 0.3;
/** What the shortest way is believed to be longer by, milliseconds a report. */
const DOUBT_MS = 1;
const SILENT_MS = 10_000;
/** Times of handing over that are remembered. */
const MOST_MARKS = 1_024;

export interface ReadWindowOptions {
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
  /** Longest that a reader may say nothing, milliseconds. @default {10_000} */
  silentMs?: number;
}

/** How much there was of something, and when. */
interface Mark {
  bytes: number;
  at: number;
}

/**
 * Holds what is under way to a reader, in sockets and on the wire, to what it
 * takes in a fifth of a second. Sockets alone would hold seconds of it, where
 * nothing can be left out any more.
 *
 * The reader reports how much it has read. How fast that grows is the rate of
 * its path, as long as something is under way; and how long after it was handed
 * over a byte was read is its length, at the least.
 */
export class ReadWindow {
  readonly #now: () => number;
  readonly #silentMs: number;
  #handed = 0;
  #read = 0;
  /** When how much had been handed over, from what isn't read yet. */
  #marks: Mark[] = [];
  /** When how much was read, over the time that a rate takes. */
  #reports: Mark[] = [];
  /** Bytes a millisecond; nothing before the first report. */
  #rate: number | undefined;
  #leastMs = Infinity;
  /** Whether no more could be handed over, since the last report. */
  #wasFull = false;
  #news = Promise.withResolvers<void>();

  constructor(
    { now = () => performance.now(), silentMs = SILENT_MS }: ReadWindowOptions =
      {},
  ) {
    this.#now = now;
    this.#silentMs = silentMs;
  }

  /** Whether more may be handed over now. */
  get isOpen(): boolean {
    const size = this.#rate === undefined
      ? FIRST_BYTES
      : Math.max(LEAST_BYTES, this.#rate * (this.#leastMs + AHEAD_MS));
    return this.#handed - this.#read < size;
  }

  /**
   * Waits until more may be handed over.
   *
   * @returns whether it may: not where the reader says nothing for too long.
   * @throws the signal's reason when it is aborted.
   */
  async open(signal: AbortSignal): Promise<boolean> {
    while (!this.isOpen) {
      const late = AbortSignal.timeout(this.#silentMs);
      const either = AbortSignal.any([signal, late]);
      try {
        await unlessAborted(this.#news.promise, either);
      } catch {
        signal.throwIfAborted();
        return false;
      }
    }
    return true;
  }

  /** Takes note that bytes were handed over. */
  handed(bytes: number): void {
    const at = this.#now();
    if (this.#reports.length === 0) this.#reports.push({ bytes: 0, at });
    this.#handed += bytes;
    this.#marks.push({ bytes: this.#handed, at });
    if (this.#marks.length > MOST_MARKS) this.#marks.shift();
    if (!this.isOpen) this.#wasFull = true;
  }

  /**
   * Takes how many bytes the reader has read so far; what can't be is passed
   * over.
   */
  report(read: number): void {
    if (!(read > this.#read && read <= this.#handed)) return;
    const at = this.#now();
    this.#read = read;
    const mark = this.#marks.findIndex(({ bytes }) => bytes >= read);
    const way = at - this.#marks[mark].at;
    this.#marks.splice(0, mark);
    this.#leastMs = Math.min(way, this.#leastMs + DOUBT_MS);
    // What fills its path is read as fast as that goes, other things are not.
    const isFull = this.#wasFull || way > this.#leastMs + AHEAD_MS / 2;
    this.#measure({ bytes: read, at }, isFull);
    this.#wasFull = false;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #measure(now: Mark, isFull: boolean): void {
    const from = this.#reports.findLastIndex(({ at }) =>
      now.at - at >= SPAN_MS
    );
    this.#reports.splice(0, Math.max(0, from));
    const [{ bytes, at }] = this.#reports;
    this.#reports.push(now);
    const rate = (now.bytes - bytes) / Math.max(SPAN_MS, now.at - at);
    const last = this.#rate ?? 0;
    if (rate > last) this.#rate = rate;
    else if (isFull) this.#rate = last + NEWS * (rate - last);
  }
}
