import type { BitrateRange } from "./rendition.ts";

/** Less than this share of the current rate is worth a new encoder. */
const DOWN_SHARE = 0.9;
/** More than this share of the current rate is. */
const UP_SHARE = 1.15;
/** Time that must be between two changes, milliseconds. */
const DOWN_INTERVAL_MS = 500;
const UP_INTERVAL_MS = 2000;
/** Time that more must have been wanted for, milliseconds. */
const UP_PATIENCE_MS = 1000;

/**
 * Chooses when another bitrate is worth a new encoder: less at once, as what
 * is too much is lost; more when it has been wanted for a while.
 */
export class BitrateChooser {
  readonly #range: BitrateRange;
  #wanted: number;
  #current: number;
  #changedAt = -Infinity;
  /** Since when more is wanted, and the least that was since. */
  #more?: { since: number; least: number };

  /** @param wanted bits a second to begin with. */
  constructor(range: BitrateRange, wanted = range.most) {
    this.#range = range;
    this.#wanted = this.#current = this.#within(wanted);
  }

  /** Bits a second, as chosen last. */
  get current(): number {
    return this.#current;
  }

  /** Says what is wanted from now on, bits a second. */
  want(bitsPerSecond: number): void {
    if (Number.isNaN(bitsPerSecond)) return;
    this.#wanted = this.#within(bitsPerSecond);
  }

  /**
   * Looks whether to change; `current` is what to then.
   *
   * @param now milliseconds of any clock that doesn't go back.
   */
  changes(now: number): boolean {
    const since = now - this.#changedAt;
    const share = this.#wanted / this.#current;
    if (share <= UP_SHARE) this.#more = undefined;
    if (share < DOWN_SHARE) {
      return since >= DOWN_INTERVAL_MS && this.#change(this.#wanted, now);
    }
    if (share <= UP_SHARE) return false;
    this.#more ??= { since: now, least: this.#wanted };
    this.#more.least = Math.min(this.#more.least, this.#wanted);
    const isSure = now - this.#more.since >= UP_PATIENCE_MS;
    return isSure && since >= UP_INTERVAL_MS &&
      this.#change(this.#more.least, now);
  }

  #within(bitsPerSecond: number): number {
    const { least, most } = this.#range;
    return Math.min(Math.max(bitsPerSecond, least), most);
  }

  #change(bitrate: number, now: number): true {
    this.#current = bitrate;
    this.#changedAt = now;
    this.#more = undefined;
    return true;
  }
}
