/**
 * The largest value of a sliding window, kept in constant time and space: the
 * best three of it, as in Kathleen Nichols's filter that BBR and Linux use. The
 * window is counted in whatever `at` counts, and moves forwards only.
 */
export class WindowedMax {
  readonly #span: number;
  readonly #at = [0, 0, 0];
  readonly #value = [0, 0, 0];

  constructor(span: number) {
    this.#span = span;
  }

  get value(): number {
    return this.#value[0];
  }

  /** Forgets all and starts with one value. */
  reset(at: number, value: number): void {
    this.#at.fill(at);
    this.#value.fill(value);
  }

  update(at: number, value: number): void {
    const [v, t] = [this.#value, this.#at];
    if (value >= v[0] || at - t[2] > this.#span) return this.reset(at, value);
    if (value >= v[1]) {
      v[1] = v[2] = value;
      t[1] = t[2] = at;
    } else if (value >= v[2]) {
      v[2] = value;
      t[2] = at;
    }
    const age = at - t[0];
    if (age > this.#span) {
      // The best has left the window: the others move up.
      [v[0], v[1], v[2]] = [v[1], v[2], value];
      [t[0], t[1], t[2]] = [t[1], t[2], at];
      if (at - t[0] > this.#span) {
        [v[0], v[1]] = [v[1], v[2]];
        [t[0], t[1]] = [t[1], t[2]];
      }
    } else if (t[1] === t[0] && age > this.#span / 4) {
      v[1] = v[2] = value;
      t[1] = t[2] = at;
    } else if (t[2] === t[1] && age > this.#span / 2) {
      v[2] = value;
      t[2] = at;
    }
  }
}
