import {
  blocksOf,
  type ColumnEncoder,
  type Points,
  putColumns,
} from "./column.ts";
import { createColumnEncoder } from "./columns.ts";
import { type CloudiniField, type CloudiniInfo, VERSION } from "./info.ts";
import { LeadingFields } from "./leading_fields.ts";
import { maxStageBytes, type RuledField, ruleFields } from "./rules.ts";
import { SectionEncoder } from "./sections_encoder.ts";
import { TOKEN_SLACK, writeTokens } from "./tokens.ts";

/** Encodes the chunks of clouds of certain fields, whatever their rules. */
export class ChunkEncoder {
  readonly #info: CloudiniInfo;
  readonly #fields: readonly RuledField[];
  readonly #leading: LeadingFields | undefined;
  /** The fields among the points, and what writes each. */
  readonly #inner: readonly RuledField[];
  readonly #columns: readonly ColumnEncoder[];
  readonly #sections: readonly SectionEncoder[];
  #stage = new DataView(new ArrayBuffer(0));

  constructor(info: CloudiniInfo) {
    const { encoding, fields } = info;
    const ruled = ruleFields({ version: VERSION, encoding, fields });
    const inner = ruled.filter(({ rule }) => rule !== "section");
    this.#info = info;
    this.#fields = ruled;
    this.#leading = LeadingFields.of(inner);
    this.#inner = inner;
    this.#columns = inner.map(createColumnEncoder);
    this.#sections = ruled.filter(({ rule }) => rule === "section")
      .map((field) => new SectionEncoder(field));
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
    for (const section of this.#sections) section.reset();
  }

  /**
   * Encodes one chunk.
   *
   * @returns its bytes, valid until the next call, or the name of a field whose
   * steps can't hold a value.
   */
  encode(chunk: Points): Uint8Array | string {
    const leading = this.#leading?.encode(chunk);
    if (leading !== undefined && this.#sections.length === 0) return leading;
    this.#reserve(maxStageBytes(this.#fields, chunk.points) + TOKEN_SLACK);
    const end = leading === undefined
      // Where a value is too large, it says which field that is.
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
    if (columns.length === 0) return 0;
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

function isSame(a: CloudiniField, b: CloudiniField): boolean {
  return a.name === b.name && a.type === b.type && a.offset === b.offset &&
    a.resolution === b.resolution;
}
