/** What may leave at once, seconds of what is allowed. */
const BURST_S = 2;

/**
 * Keeps copied video within what a path takes: the pictures up to the next
 * keyframe are left out once too much was sent. It has no clock of its own.
 */
export class CopyThinner {
  #allowed = Infinity;
  #credit = Infinity;
  #at = 0;
  #isSkipping = false;

  /** Allows so many bits a second from now on; Infinity allows all. */
  setBitrate(bitsPerSecond: number): void {
    this.#allowed = bitsPerSecond;
  }

  /**
   * Tells whether a picture goes on.
   *
   * @param now milliseconds of any clock that doesn't go back.
   */
  passes(bytes: number, isKey: boolean, now: number): boolean {
    this.#earn(now);
    const isLeft = this.#credit > 0;
    this.#isSkipping = !isLeft || this.#isSkipping && !isKey;
    if (!this.#isSkipping) this.#credit -= 8 * bytes;
    return !this.#isSkipping;
  }

  #earn(now: number): void {
    const seconds = (now - this.#at) / 1000;
    this.#at = now;
    const isAll = this.#allowed === Infinity;
    this.#credit = isAll ? Infinity : Math.min(
      this.#allowed * BURST_S,
      this.#credit + this.#allowed * seconds,
    );
  }
}
