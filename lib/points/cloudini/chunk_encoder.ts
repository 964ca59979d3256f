import type { Points } from "./columns.ts";
import type { CloudiniField, CloudiniInfo } from "./info.ts";
import { encodeLeading } from "./leading_encoder.ts";
import { type RuledField, ruleFields } from "./rules.ts";
import { VERSION } from "./info.ts";
import { StageEncoder } from "./stage_encoder.ts";

/**
 * Encodes the chunks of clouds of certain fields: float32 steps with nothing
 * else among the points, as most clouds are, by loops of their own.
 */
export class ChunkEncoder {
  readonly #info: CloudiniInfo;
  /** The fields that lie point by point. */
  readonly #fields: readonly RuledField[];
  readonly #stage: StageEncoder;
  /** Steps for one unit, float32, where all of those are such steps. */
  readonly #multipliers: Float64Array | undefined;
  #scratch = new Float32Array();

  constructor(info: CloudiniInfo) {
    const { encoding, fields } = info;
    this.#info = info;
    const ruled = ruleFields({ version: VERSION, encoding, fields });
    this.#fields = ruled.filter(({ rule }) => rule !== "section");
    this.#stage = new StageEncoder(ruled);
    const isLeading = this.#fields.length > 0 &&
      this.#fields.every(({ rule }) => rule === "leading");
    this.#multipliers = isLeading
      ? Float64Array.from(
        this.#fields,
        ({ resolution }) => Math.fround(1 / resolution!),
      )
      : undefined;
  }

  /** Tells whether clouds of these fields are encoded alike. */
  isFor({ encoding, fields, stride }: CloudiniInfo): boolean {
    const own = this.#info;
    return encoding === own.encoding && stride === own.stride &&
      fields.length === own.fields.length &&
      fields.every((field, i) => isSame(field, own.fields[i]));
  }

  /** Begins a cloud. */
  reset(): void {
    this.#stage.reset();
  }

  /**
   * Encodes one chunk.
   *
   * @returns its bytes, valid until the next call, or the name of a field whose
   * steps can't hold a value.
   */
  encode(points: Points): Uint8Array | string {
    const leading = this.#multipliers &&
      this.#encodeLeading(points, this.#multipliers);
    return leading === undefined
      // Where a value is too large, it says which field that is.
      ? this.#stage.encode(points)
      : this.#stage.appendSections(points, leading);
  }

  #encodeLeading(
    points: Points,
    multipliers: Float64Array,
  ): Uint8Array | undefined {
    const { view, start, stride } = points;
    const width = multipliers.length;
    const isPlain = stride === 4 * width && view.byteOffset % 4 === 0 &&
      this.#fields.every(({ offset }, i) => offset === 4 * i);
    if (!isPlain) {
      return encodeLeading(this.#gather(points), 0, points.points, multipliers);
    }
    const values = new Float32Array(
      view.buffer,
      view.byteOffset,
      view.byteLength / 4,
    );
    return encodeLeading(values, start / 4, points.points, multipliers);
  }

  /** Copies the values of a chunk to where they are aligned and in a row. */
  #gather(points: Points): Float32Array {
    const width = this.#fields.length;
    const length = points.points * width;
    if (this.#scratch.length < length) this.#scratch = new Float32Array(length);
    this.#fields.forEach(({ offset }, column) =>
      gather(points, offset, this.#scratch, { column, width })
    );
    return this.#scratch;
  }
}

/** Copies one field's values to a column. */
function gather(
  { view, start, stride, points }: Points,
  offset: number,
  target: Float32Array,
  { column, width }: { column: number; width: number },
): void {
  const first = start + offset;
  const isAligned = (view.byteOffset + first) % 4 === 0 && stride % 4 === 0;
  if (!isAligned) {
    for (let i = 0, at = first, to = column; i < points; i++) {
      target[to] = view.getFloat32(at, true);
      at += stride;
      to += width;
    }
    return;
  }
  const values = new Float32Array(
    view.buffer,
    view.byteOffset + first,
    Math.floor((view.byteLength - first) / 4),
  );
  const step = stride / 4;
  for (let i = 0, at = 0, to = column; i < points; i++) {
    target[to] = values[at];
    at += step;
    to += width;
  }
}

function isSame(a: CloudiniField, b: CloudiniField): boolean {
  return a.name === b.name && a.type === b.type && a.offset === b.offset &&
    a.resolution === b.resolution;
}
