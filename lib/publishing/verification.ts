import type { FieldComparison } from "../points/compare.ts";

/** What the comparison of frames with their source showed. */
export interface Verification {
  /** Frames that arrived just as they were sent, by the server's checksums. */
  frames: number;
  /** Frames that arrived otherwise. */
  mismatched: number;
  /** Of x, y and z: the largest difference from the source, in its units. */
  positions: { maxError: number };
  /** Other fields that were rounded because it was asked for, likewise. */
  rounded: Record<string, { maxError: number }>;
  /** Fields of which every value arrived as the source gave it, bit for bit. */
  exactFields: string[];
  /** Fields that differ by more than half of the step that was asked for. */
  differing: string[];
}

const POSITIONS = new Set(["x", "y", "z"]);

/** The book of what was verified. */
export class Verifier {
  #frames = 0;
  #mismatched = 0;
  readonly #fields = new Map<string, FieldComparison>();

  /** Notes a frame whose checksum came back, and whether it was the same. */
  arrived(isSame: boolean): void {
    if (isSame) this.#frames++;
    else this.#mismatched++;
  }

  /** Notes how the fields of a frame differ from its source's. */
  compared(fields: readonly FieldComparison[]): void {
    for (const field of fields) {
      const known = this.#fields.get(field.name);
      this.#fields.set(field.name, {
        name: field.name,
        isExact: field.isExact && known?.isExact !== false,
        isWithin: field.isWithin && known?.isWithin !== false,
        maxError: Math.max(field.maxError, known?.maxError ?? 0),
      });
    }
  }

  /** Adds what another one noted. */
  add(other: Verifier): void {
    this.#frames += other.#frames;
    this.#mismatched += other.#mismatched;
    this.compared([...other.#fields.values()]);
  }

  summary(): Verification {
    const fields = [...this.#fields.values()];
    const rounded = fields.filter(({ isExact, isWithin }) =>
      !isExact && isWithin
    );
    const positions = fields.filter(({ name }) => POSITIONS.has(name))
      .map(({ maxError }) => maxError);
    return {
      frames: this.#frames,
      mismatched: this.#mismatched,
      positions: { maxError: Math.max(0, ...positions) },
      rounded: Object.fromEntries(
        rounded.filter(({ name }) => !POSITIONS.has(name))
          .map(({ name, maxError }) => [name, { maxError }]),
      ),
      exactFields: fields.filter(({ isExact }) => isExact)
        .map(({ name }) => name),
      differing: fields.filter(({ isWithin }) => !isWithin)
        .map(({ name }) => name),
    };
  }
}
