/** The words of a text that is rows of numbers, one after the other. */
import { PointsError } from "../errors.ts";
import type { Position } from "./header_lines.ts";
import { NO_NUMBER, readBigInt, readNumber, wordEnd } from "./text_numbers.ts";

const SPACE = 0x20;

/** Bytes of a word that an error shows at most. */
const MAX_SHOWN_BYTES = 32;

/** How rows of numbers stand in the lines of a text. */
export interface TextLayout {
  /** The file's format, for errors. */
  format: string;
  /** What there is one of a row, for errors: `points`. */
  what: string;
  /** How many rows. */
  count: number;
  /** Numbers of each row, without those of lists. */
  words: number;
  /**
   * Whether a line may hold several rows, or a row take several lines. One that
   * takes a part of both has too many numbers or too few, and is refused.
   */
  mayWrap: boolean;
}

/** A walk over the words of rows. */
export class TextTokens {
  /** Where the word at hand starts. */
  start = 0;
  /** Where it ends, once it is read or skipped. */
  end: number;
  /** The number of its line. */
  line: number;

  /** Rows before this one. */
  #row = 0;
  /** Words of this row. */
  #words = 0;
  /** Whether this row started in mid-line. */
  #isMidLine = false;
  /** Words of this row that its first line has, and which line that is. */
  #wrapped: { words: number; line: number } | undefined;

  readonly #bytes: Uint8Array;
  readonly #value = new Float64Array(1);
  readonly #newline: number;
  readonly #layout: TextLayout;

  constructor(bytes: Uint8Array, from: Position, layout: TextLayout) {
    this.#bytes = bytes;
    this.#layout = layout;
    this.#newline = from.newline;
    this.end = from.offset;
    this.line = from.line;
  }

  /** Where the walk is. */
  get position(): Position {
    return { offset: this.end, line: this.line, newline: this.#newline };
  }

  /**
   * Moves on from {@linkcode end} to the next word of a row.
   *
   * @throws {PointsError} `length` where the row or the file ends before it.
   */
  next(): void {
    const bytes = this.#bytes;
    let at = this.end;
    while (bytes[at] <= SPACE) {
      if (bytes[at] === this.#newline) this.#passLine();
      at++;
    }
    this.start = at;
    if (at >= bytes.length) throw this.#ended();
    this.#words++;
  }

  /**
   * Reads the word at hand, and moves on to its end.
   *
   * @throws {PointsError} `text` for what is no number.
   */
  number(): number {
    const end = readNumber(this.#bytes, this.start, this.#value);
    if (end === NO_NUMBER) throw this.refuse("a number");
    this.end = end;
    return this.#value[0];
  }

  /**
   * Returns the word at hand, which {@linkcode number} read, as a whole number
   * to the last digit, where it is one.
   */
  bigInt(): bigint | undefined {
    return readBigInt(this.#bytes, this.start, this.end);
  }

  /** Moves on to the end of the word at hand. */
  skip(): void {
    this.end = wordEnd(this.#bytes, this.start);
  }

  /**
   * Ends a row, and moves on past its line where nothing more stands there.
   *
   * @throws {PointsError} `length` where something stands that shouldn't.
   */
  endRow(): void {
    const bytes = this.#bytes;
    let at = this.end;
    while (bytes[at] <= SPACE && bytes[at] !== this.#newline) at++;
    const isLineEnd = bytes[at] === this.#newline || at >= bytes.length;
    this.end = isLineEnd ? Math.min(at + 1, bytes.length) : at;
    if (!isLineEnd) this.#checkMidLine();
    else this.line++;
    this.#isMidLine = !isLineEnd;
    this.#wrapped = undefined;
    this.#words = 0;
    this.#row++;
  }

  /** Makes the error for the word at hand. */
  refuse(expected: string): PointsError {
    const { start, line } = this;
    const end = wordEnd(this.#bytes, start);
    const shown = this.#bytes.subarray(
      start,
      Math.min(end, start + MAX_SHOWN_BYTES),
    );
    return new PointsError(
      "text",
      `Cannot read ${this.#layout.format}: line ${line}: expected ` +
        `${expected}, got ${JSON.stringify(new TextDecoder().decode(shown))}`,
    );
  }

  #passLine(): void {
    const line = this.line++;
    const words = this.#words;
    if (words === 0) return;
    const first = { words, line };
    if (this.#isMidLine) throw this.#tooMany(line);
    if (!this.#layout.mayWrap) throw this.#tooFew(first);
    this.#wrapped ??= first;
  }

  #checkMidLine(): void {
    if (this.#wrapped !== undefined) throw this.#tooFew(this.#wrapped);
    const isLast = this.#row + 1 === this.#layout.count;
    if (isLast || !this.#layout.mayWrap) throw this.#tooMany(this.line);
  }

  #ended(): PointsError {
    const { count, what } = this.#layout;
    if (this.#words === 0) {
      return this.#wrong(
        this.line,
        `the file ends after ${this.#row} ${what}, expected ${count}`,
      );
    }
    return this.#tooFew(
      this.#wrapped ?? { words: this.#words, line: this.line },
    );
  }

  #tooMany(line: number): PointsError {
    return this.#wrong(
      line,
      `more than ${this.#layout.words} numbers before byte ${this.end}`,
    );
  }

  #tooFew({ words, line }: { words: number; line: number }): PointsError {
    return this.#wrong(
      line,
      `${words} numbers, expected ${this.#layout.words}`,
    );
  }

  #wrong(line: number, why: string): PointsError {
    const { format } = this.#layout;
    return new PointsError(
      "length",
      `Cannot read ${format}: line ${line}: ${why}`,
    );
  }
}
