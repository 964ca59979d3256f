import {
  blocksOf,
  type ColumnEncoder,
  type Points,
  putColumns,
} from "./column.ts";
import { createColumnEncoder } from "./columns.ts";
import { beginLeading, encodeLeading, MAX_TOKENS } from "./leading_encoder.ts";
import type { RuledField } from "./rules.ts";

/** Encodes points whose leading fields have few others after them, or none. */
export class LeadingFields {
  readonly #offsets: readonly number[];
  /** Float32 steps for one unit. */
  readonly #multipliers: Float64Array;
  readonly #others: readonly ColumnEncoder[];
  #gathered = new Float32Array();

  private constructor(
    leading: readonly RuledField[],
    others: readonly RuledField[],
  ) {
    this.#offsets = leading.map(({ offset }) => offset);
    this.#multipliers = Float64Array.from(
      leading,
      ({ resolution }) => Math.fround(1 / resolution!),
    );
    this.#others = others.map(createColumnEncoder);
  }

  /** Makes one for the fields among the points, where it is for them. */
  static of(inner: readonly RuledField[]): LeadingFields | undefined {
    const leading = inner.filter(({ rule }) => rule === "leading");
    const others = inner.slice(leading.length);
    return leading.length > 0 && others.length <= MAX_TOKENS
      ? new LeadingFields(leading, others)
      : undefined;
  }

  /**
   * Encodes the points of one chunk.
   *
   * @returns their bytes, valid until the next call of any encoder; `undefined`
   * when a field's steps can't hold a value.
   */
  encode(chunk: Points): Uint8Array | undefined {
    const multipliers = this.#multipliers, others = this.#others;
    beginLeading();
    if (this.#isPlain(chunk)) {
      const { buffer, byteOffset, byteLength } = chunk.view;
      const values = new Float32Array(buffer, byteOffset, byteLength / 4);
      return encodeLeading(values, chunk.start / 4, chunk.points, multipliers);
    }
    for (const column of others) column.reset();
    let bytes: Uint8Array | undefined;
    for (const block of blocksOf(chunk, others.length)) {
      const values = this.#gather(block);
      if (putColumns(others, block) !== undefined) return undefined;
      bytes = encodeLeading(
        ...[values, 0, block.points, multipliers, others.length] as const,
      );
      if (bytes === undefined) return undefined;
    }
    return bytes;
  }

  /** Tells whether points are aligned, and just their leading fields. */
  #isPlain({ view, stride }: Points): boolean {
    return stride === 4 * this.#offsets.length && view.byteOffset % 4 === 0 &&
      this.#offsets.every((offset, i) => offset === 4 * i);
  }

  /** Copies the leading fields of points, without what is between them. */
  #gather(points: Points): Float32Array {
    const fields = this.#offsets.length;
    if (this.#gathered.length < points.points * fields) {
      this.#gathered = new Float32Array(points.points * fields);
    }
    gather(this.#gathered, this.#offsets, points);
    return this.#gathered;
  }
}

/** Copies 3 or 4 float32 fields; all in one go, as memory is read once then. */
function gather(
  values: Float32Array,
  offsets: readonly number[],
  { view, start, stride, points }: Points,
): void {
  const [x, y, z, w = -1] = offsets;
  let at = start, to = 0;
  if (w < 0) {
    for (let i = 0; i < points; i++, at += stride, to += 3) {
      values[to] = view.getFloat32(at + x, true);
      values[to + 1] = view.getFloat32(at + y, true);
      values[to + 2] = view.getFloat32(at + z, true);
    }
  } else {
    for (let i = 0; i < points; i++, at += stride, to += 4) {
      values[to] = view.getFloat32(at + x, true);
      values[to + 1] = view.getFloat32(at + y, true);
      values[to + 2] = view.getFloat32(at + z, true);
      values[to + 3] = view.getFloat32(at + w, true);
    }
  }
}
