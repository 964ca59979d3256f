import type { Points } from "./columns.ts";
import type { CloudiniField, CloudiniInfo } from "./info.ts";
import { encodeLeading } from "./leading_encoder.ts";
import { type RuledField, ruleFields } from "./rules.ts";
import { VERSION } from "./info.ts";
import { StageEncoder } from "./stage_encoder.ts";

/**
 * Encodes the chunks of clouds of certain fields: float32 steps alone, as most
 * clouds are, by loops of their own.
 */
export class ChunkEncoder {
  readonly #info: CloudiniInfo;
  readonly #fields: readonly RuledField[];
  readonly #stage: StageEncoder;
  /** Steps for one unit, float32, where all fields are such steps. */
  readonly #multipliers: Float64Array | undefined;
  #scratch = new Float32Array();

  constructor(info: CloudiniInfo) {
    const { encoding, fields } = info;
    this.#info = info;
    this.#fields = ruleFields({ version: VERSION, encoding, fields });
    this.#stage = new StageEncoder(this.#fields);
    this.#multipliers = this.#fields.every(({ rule }) => rule === "leading")
      ? Float64Array.from(
        fields,
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
    if (this.#multipliers === undefined) return this.#stage.encode(points);
    return this.#encodeLeading(points, this.#multipliers) ??
      // It says which field it is.
      this.#stage.encode(points);
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
  #gather({ view, start, stride, points }: Points): Float32Array {
    const width = this.#fields.length;
    if (this.#scratch.length < points * width) {
      this.#scratch = new Float32Array(points * width);
    }
    const values = this.#scratch;
    this.#fields.forEach(({ offset }, column) => {
      let at = start + offset;
      for (let i = 0, to = column; i < points; i++, to += width, at += stride) {
        values[to] = view.getFloat32(at, true);
      }
    });
    return values;
  }
}

function isSame(a: CloudiniField, b: CloudiniField): boolean {
  return a.name === b.name && a.type === b.type && a.offset === b.offset &&
    a.resolution === b.resolution;
}
