/** Bytes that may be sent beside others: a share of those, and some at once. */
export class Allowance {
  readonly #share: number;
  readonly #most: number;
  #left: number;

  /** @param most bytes at once. */
  constructor(share: number, most: number) {
    this.#share = share;
    this.#most = most;
    this.#left = most;
  }

  /** Notes bytes of which a share may be sent beside them. */
  earn(bytes: number): void {
    this.#left = Math.min(this.#most, this.#left + this.#share * bytes);
  }

  /** Takes so many bytes if they are left; whether they are. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Takes so many bytes whether they are left or not: some may be owed. */
  charge(bytes: number): void {
    this.#left = Math.max(-this.#most, this.#left - bytes);
  }
}
