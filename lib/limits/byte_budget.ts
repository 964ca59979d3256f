/** Memory that many share: whoever takes a part gives it back. */
export class ByteBudget {
  readonly #most: number;
  #taken = 0;

  /** @param most bytes that may be taken at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes bytes, until they are disposed of.
   *
   * @returns nothing where they would be too many; one that is alone has its
   * bytes, however many.
   */
  take(bytes: number): Disposable | undefined {
    if (this.#taken > 0 && this.#taken + bytes > this.#most) return undefined;
    this.#taken += bytes;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#taken -= bytes;
        isTaken = false;
      },
    };
  }
}
