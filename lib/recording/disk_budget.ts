/** What may wait for the disk, bytes: all files of a recorder share it. */
export class DiskBudget {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that wait. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes so many, unless they don't fit; returns whether they do. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
