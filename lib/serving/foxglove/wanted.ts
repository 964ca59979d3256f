/** What is wanted by somebody, and what is made of it while it is. */
export class Wanted<K, T> {
  readonly #counts = new Map<K, number>();
  readonly #made = new Map<K, T>();
  readonly #make: (key: K) => T;

  /** @param make is called when something that is wanted is first needed. */
  constructor(make: (key: K) => T) {
    this.#make = make;
  }

  /** How many things are wanted. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts one more who wants it, until it is disposed of. */
  want(key: K): Disposable {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    let isWanted = true;
    return {
      [Symbol.dispose]: () => {
        if (isWanted) this.#leave(key);
        isWanted = false;
      },
    };
  }

  /** Gives what is made of it; nothing where nobody wants it. */
  get(key: K): T | undefined {
    if (!this.#counts.has(key)) return undefined;
    const made = this.#made.get(key) ?? this.#make(key);
    this.#made.set(key, made);
    return made;
  }

  #leave(key: K): void {
    const left = this.#counts.get(key)! - 1;
    if (left > 0) return void this.#counts.set(key, left);
    this.#counts.delete(key);
    this.#made.delete(key);
  }
}
