import type { PointCloud } from "../cloud.ts";
import {
  blocksOf,
  type ColumnEncoder,
  createColumnEncoder,
  type Points,
  putColumns,
} from "./columns.ts";
import { LeadingFields } from "./leading_fields.ts";
import { maxStageBytes, type RuledField } from "./rules.ts";
import { SectionEncoder } from "./sections_encoder.ts";
import { TOKEN_SLACK, writeTokens } from "./tokens.ts";

const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/** Encodes the chunks of clouds of certain fields, whatever their rules. */
export class StageEncoder {
  readonly #fields: readonly RuledField[];
  readonly #leading: LeadingFields | undefined;
  /** The fields among the points, and what writes each. */
  readonly #inner: readonly RuledField[];
  readonly #columns: readonly ColumnEncoder[];
  readonly #sections: readonly SectionEncoder[];
  #points: Points = { view: NOTHING, start: 0, stride: 0, points: 0 };
  #stage: DataView = NOTHING;

  /** @param fields in the order in which they are encoded. */
  constructor(fields: readonly RuledField[]) {
    const inner = fields.filter(({ rule }) => rule !== "section");
    this.#fields = fields;
    this.#leading = LeadingFields.of(inner);
    this.#inner = inner;
    this.#columns = inner.map(createColumnEncoder);
    this.#sections = fields.filter(({ rule }) => rule === "section")
      .map((field) => new SectionEncoder(field));
  }

  /** Begins a cloud of these fields. */
  begin(cloud: PointCloud): void {
    const { data, stride, points } = cloud;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    this.#points = { view, start: 0, stride, points };
    this.#leading?.begin(cloud);
    for (const section of this.#sections) section.reset();
  }

  /**
   * Encodes one chunk.
   *
   * @param first its first point.
   * @returns its bytes, valid until the next call, or the name of a field whose
   * steps can't hold a value.
   */
  encode(first: number, points: number): Uint8Array | string {
    const { stride } = this.#points;
    const chunk = { ...this.#points, start: first * stride, points };
    const leading = this.#leading?.encode(chunk);
    if (leading !== undefined && this.#sections.length === 0) return leading;
    this.#reserve(maxStageBytes(this.#fields, points) + TOKEN_SLACK);
    const end = leading === undefined
      ? this.#writePoints(chunk)
      : this.#copy(leading);
    return typeof end === "string" ? end : this.#writeSections(chunk, end);
  }

  #copy(leading: Uint8Array): number {
    new Uint8Array(this.#stage.buffer).set(leading);
    return leading.length;
  }

  #writePoints(chunk: Points): number | string {
    const columns = this.#columns;
    for (const column of columns) column.reset();
    let at = 0;
    for (const block of blocksOf(chunk, columns.length)) {
      const failed = putColumns(columns, block);
      if (failed !== undefined) return this.#inner[failed].name;
      at = writeTokens(this.#stage, at, block.points * columns.length);
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
