/** Stretch that a camera's bits are measured over, milliseconds. */
const STRETCH_MS = 4_000;
/** Share of its bits that is too little for it. */
const NARROW_SHARE = 0.9;
/** Time that there must be too little: an estimate grows from 3 Mbit/s on. */
const NARROW_MS = 5_000;
/** Share of its bits with which it fits again. */
const WIDE_SHARE = 1.2;
/** Time that there must be enough, which doubles each time. */
const MIN_WIDE_MS = 10_000;
const MAX_WIDE_MS = 300_000;

/**
 * Tells when a path is too narrow for video that is copied, and when it is wide
 * enough again. It has no clock of its own: `now` is milliseconds of any that
 * doesn't go back.
 */
export class CopyWatch {
  #bytes = 0;
  #from?: number;
  /** Bits a second that the camera sends; none before they were measured. */
  #rate?: number;
  #asked = Infinity;
  #since?: number;
  #wideMs = MIN_WIDE_MS;

  /** Bits a second that the camera sends; none before they are known. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Counts what the camera sent. */
  count(bytes: number, now: number): void {
    this.#from ??= now;
    this.#bytes += bytes;
    const time = now - this.#from;
    if (time < STRETCH_MS) return;
    this.#rate = 8000 * this.#bytes / time;
    this.#bytes = 0;
    this.#from = now;
  }

  /** Begins to measure anew. */
  restart(): void {
    this.#bytes = 0;
    this.#from = undefined;
    this.#since = undefined;
  }

  /** Says how many bits a second may be sent. */
  setBitrate(bitsPerSecond: number): void {
    this.#asked = bitsPerSecond;
  }

  /** Whether there was too little for what is copied, for a while. */
  isTooNarrow(now: number): boolean {
    const isNarrow = this.#asked < NARROW_SHARE * (this.#rate ?? 0);
    return this.#lasts(isNarrow, NARROW_MS, now);
  }

  /** Whether there was enough to copy it again, for a while. */
  isWideAgain(now: number): boolean {
    const isWide = this.#asked > WIDE_SHARE * (this.#rate ?? 0);
    if (!this.#lasts(isWide, this.#wideMs, now)) return false;
    this.#wideMs = Math.min(2 * this.#wideMs, MAX_WIDE_MS);
    return true;
  }

  #lasts(isSo: boolean, ms: number, now: number): boolean {
    if (!isSo) this.#since = undefined;
    else this.#since ??= now;
    return this.#since !== undefined && now - this.#since >= ms;
  }
}
