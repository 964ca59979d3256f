import {
  type ColumnEncoder,
  createColumnEncoder,
  type Points,
} from "./columns.ts";
import { maxStageBytes, type RuledField } from "./rules.ts";
import { SectionEncoder } from "./sections_encoder.ts";
import { BLOCK_TOKENS, TOKEN_SLACK, writeTokens } from "./tokens.ts";

/** Encodes the chunks of clouds of certain fields, whatever their rules. */
export class StageEncoder {
  readonly #fields: readonly RuledField[];
  readonly #columns: { column: ColumnEncoder; name: string }[];
  readonly #sections: SectionEncoder[];
  readonly #blockPoints: number;
  #stage = new DataView(new ArrayBuffer(0));

  /** @param fields in the order in which they are encoded. */
  constructor(fields: readonly RuledField[]) {
    const isSection = ({ rule }: RuledField) => rule === "section";
    this.#fields = fields;
    this.#columns = fields.filter((field) => !isSection(field)).map(
      (field) => ({ column: createColumnEncoder(field), name: field.name }),
    );
    this.#sections = fields.filter(isSection)
      .map((field) => new SectionEncoder(field));
    this.#blockPoints = Math.floor(BLOCK_TOKENS / this.#columns.length);
  }

  /** Begins a cloud. */
  reset(): void {
    for (const section of this.#sections) section.reset();
  }

  /**
   * Encodes one chunk.
   *
   * @returns its bytes, valid until the next call, or the name of a field whose
   * steps can't hold a value.
   */
  encode(points: Points): Uint8Array | string {
    this.#reserve(maxStageBytes(this.#fields, points.points) + TOKEN_SLACK);
    for (const { column } of this.#columns) column.reset();
    const step = this.#columns.length;
    let at = 0;
    for (let first = 0; step > 0 && first < points.points;) {
      const block = {
        ...points,
        start: points.start + first * points.stride,
        points: Math.min(this.#blockPoints, points.points - first),
      };
      for (const [i, { column, name }] of this.#columns.entries()) {
        if (!column.put(block, { first: i, step })) return name;
      }
      at = writeTokens(this.#stage, at, block.points * step);
      first += block.points;
    }
    return this.#finish(points, at);
  }

  /**
   * Appends the sections to a chunk's points that were encoded elsewhere.
   *
   * @returns all of it, valid until the next call.
   */
  appendSections(points: Points, encoded: Uint8Array): Uint8Array {
    if (this.#sections.length === 0) return encoded;
    this.#reserve(maxStageBytes(this.#fields, points.points) + TOKEN_SLACK);
    new Uint8Array(this.#stage.buffer).set(encoded);
    return this.#finish(points, encoded.length);
  }

  #finish(points: Points, start: number): Uint8Array {
    let at = start;
    for (const section of this.#sections) {
      at = section.write(points, this.#stage, at);
    }
    return new Uint8Array(this.#stage.buffer, 0, at);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#stage.byteLength) return;
    this.#stage = new DataView(new ArrayBuffer(bytes));
  }
}
