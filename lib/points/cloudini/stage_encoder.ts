import { type PointCloud, viewFloat32 } from "../cloud.ts";
import {
  type ColumnEncoder,
  createColumnEncoder,
  type Points,
} from "./columns.ts";
import { encodeLeading } from "./leading_encoder.ts";
import { maxStageBytes, type RuledField } from "./rules.ts";
import { SectionEncoder } from "./sections_encoder.ts";
import { BLOCK_TOKENS, TOKEN_SLACK, writeTokens } from "./tokens.ts";

const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/** Encodes the chunks of clouds of certain fields, whatever their rules. */
export class StageEncoder {
  readonly #fields: readonly RuledField[];
  /** The fields among the points, and what writes each. */
  readonly #inner: readonly RuledField[];
  readonly #columns: readonly ColumnEncoder[];
  readonly #sections: readonly SectionEncoder[];
  readonly #blockPoints: number;
  /** Float32 steps for one unit, where all of `#inner` are leading. */
  readonly #multipliers: Float64Array | undefined;
  /** The cloud's bytes, and its values where they are just the leading ones. */
  #view: DataView = NOTHING;
  #stride = 0;
  #values: Float32Array | undefined;
  #gathered = new Float32Array();
  #stage: DataView = NOTHING;

  /** @param fields in the order in which they are encoded. */
  constructor(fields: readonly RuledField[]) {
    const inner = fields.filter(({ rule }) => rule !== "section");
    this.#fields = fields;
    this.#inner = inner;
    this.#columns = inner.map(createColumnEncoder);
    this.#sections = fields.filter(({ rule }) => rule === "section")
      .map((field) => new SectionEncoder(field));
    this.#blockPoints = Math.floor(BLOCK_TOKENS / inner.length);
    const isLeading = inner.length > 0 &&
      inner.every(({ rule }) => rule === "leading");
    if (isLeading) {
      this.#multipliers = Float64Array.from(
        inner,
        ({ resolution }) => Math.fround(1 / resolution!),
      );
    }
  }

  /** Begins a cloud of these fields. */
  begin(cloud: PointCloud): void {
    const { data, stride } = cloud;
    this.#view = new DataView(data.buffer, data.byteOffset, data.length);
    this.#stride = stride;
    const isPlain = this.#inner.length * 4 === stride &&
      this.#inner.every(({ offset }, i) => offset === 4 * i);
    this.#values = isPlain ? viewFloat32(cloud) : undefined;
    for (const section of this.#sections) section.reset();
  }

  /**
   * Encodes one chunk.
   *
   * @param first its first point.
   * @returns its bytes, valid until the next call, or the name of a field whose
   * steps can't hold a value.
   */
  encode(first: number, count: number): Uint8Array | string {
    const chunk = {
      view: this.#view,
      start: first * this.#stride,
      stride: this.#stride,
      points: count,
    };
    const leading = this.#encodeLeading(chunk, first);
    if (leading !== undefined && this.#sections.length === 0) return leading;
    this.#reserve(maxStageBytes(this.#fields, count) + TOKEN_SLACK);
    const end = leading === undefined
      ? this.#writePoints(chunk)
      : this.#copy(leading);
    return typeof end === "string" ? end : this.#writeSections(chunk, end);
  }

  /** Encodes points whose fields are all leading, if none is out of reach. */
  #encodeLeading(chunk: Points, first: number): Uint8Array | undefined {
    const multipliers = this.#multipliers;
    if (multipliers === undefined) return undefined;
    const fields = multipliers.length;
    return this.#values !== undefined
      ? encodeLeading(this.#values, first * fields, chunk.points, multipliers)
      : encodeLeading(this.#gather(chunk), 0, chunk.points, multipliers);
  }

  /** Copies the leading fields of a chunk, without what is between them. */
  #gather({ view, start, stride, points }: Points): Float32Array {
    const fields = this.#inner.length;
    if (this.#gathered.length < points * fields) {
      this.#gathered = new Float32Array(points * fields);
    }
    const values = this.#gathered;
    this.#inner.forEach(({ offset }, field) => {
      let at = start + offset;
      for (let i = 0, to = field; i < points; i++, to += fields, at += stride) {
        values[to] = view.getFloat32(at, true);
      }
    });
    return values;
  }

  #copy(leading: Uint8Array): number {
    new Uint8Array(this.#stage.buffer).set(leading);
    return leading.length;
  }

  #writePoints(chunk: Points): number | string {
    for (const column of this.#columns) column.reset();
    const step = this.#columns.length;
    let at = 0;
    for (let first = 0; step > 0 && first < chunk.points;) {
      const block = {
        ...chunk,
        start: chunk.start + first * chunk.stride,
        points: Math.min(this.#blockPoints, chunk.points - first),
      };
      for (const [i, column] of this.#columns.entries()) {
        if (!column.put(block, { first: i, step })) return this.#inner[i].name;
      }
      at = writeTokens(this.#stage, at, block.points * step);
      first += block.points;
    }
    return at;
  }

  #writeSections(chunk: Points, start: number): Uint8Array {
    let at = start;
    for (const section of this.#sections) {
      at = section.write(chunk, this.#stage, at);
    }
    return new Uint8Array(this.#stage.buffer, 0, at);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#stage.byteLength) return;
    this.#stage = new DataView(new ArrayBuffer(bytes));
  }
}
