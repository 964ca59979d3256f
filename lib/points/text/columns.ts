/** The columns of a text: its numbers, and what types hold them. */
import { PointsError } from "../errors.ts";
import {
  NO_NUMBER,
  readBigInt,
  readNumber,
  wordEnd,
} from "../records/text_numbers.ts";

/** One column of numbers. */
export interface TextColumn {
  /** As doubles. */
  values: Float64Array;
  /** Whether float32 holds each number as it is written. */
  isSingle: boolean;
  /** Whether all are whole numbers from 0 to 255. */
  isByte: boolean;
  /** The whole numbers, where a double doesn't hold one of them. */
  long?: bigint[];
}

/** What a text has. */
export interface TextTable {
  /** The line of names, where there is one. */
  names?: string[];
  columns: TextColumn[];
  points: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const HASH = 0x23;
const SLASH = 0x2f;
const DOT = 0x2e;
const ZERO = 0x30;

/** The longest line of names. */
const MAX_NAMES_BYTES = 64 * 1024;

/** Bytes of a word that an error shows at most. */
const MAX_SHOWN_BYTES = 32;

/** Digits that float32 always gives back. */
const SINGLE_DIGITS = 6;
/** Digits that float32 may give back; more never come back the same. */
const MOST_DIGITS = 9;
/** Digits that a double always holds. */
const DOUBLE_DIGITS = 15;

/**
 * Reads all numbers of a text whose values have spaces between them.
 *
 * @throws {PointsError} as `decodeText` does.
 */
export function readColumns(
  bytes: Uint8Array,
  { isPts }: { isPts: boolean },
): TextTable {
  const table = new Table();
  let names: string[] | undefined;
  let isCount = isPts;
  let line = 0;
  for (let at = 0; at < bytes.length;) {
    line++;
    const start = skipBlanks(bytes, at);
    const next = bytes.indexOf(NEWLINE, start);
    const end = next < 0 ? bytes.length : next;
    at = end + 1;
    if (start >= end) continue;
    const isComment = bytes[start] === HASH ||
      bytes[start] === SLASH && bytes[start + 1] === SLASH;
    if (isComment || table.points === 0 && isWord(bytes, start)) {
      if (table.points === 0) names = namesIn(bytes, start, end) ?? names;
      else if (!isComment) throw noNumber(bytes, start, line);
      if (!isComment && names === undefined) throw noNumber(bytes, start, line);
      continue;
    }
    if (isCount) {
      isCount = false;
      if (skipBlanks(bytes, wordEnd(bytes, start)) >= end) continue;
    }
    table.read(bytes, start, end, line);
  }
  const columns = dropEmpty(table.columns(), names);
  const { points } = table;
  if (names === undefined || columns.length === 0 && points > 0) {
    return { columns, points };
  }
  const said = names.at(-1) === "nan" ? names.slice(0, -1) : names;
  if (points === 0) return { names: said, columns: said.map(noValues), points };
  return said.length === columns.length
    ? { names: said, columns, points }
    : { columns, points };
}

/** Leaves out a last column of nothing: of separators at the lines' ends. */
function dropEmpty(
  columns: TextColumn[],
  names: readonly string[] | undefined,
): TextColumn[] {
  const last = columns.at(-1);
  const isNamed = names !== undefined && names.length === columns.length &&
    names.at(-1) !== "nan";
  const isEmpty = last?.values.every((value) => value !== value) ?? false;
  return isEmpty && !isNamed && columns.length > 3
    ? columns.slice(0, -1)
    : columns;
}

function noValues(): TextColumn {
  return { values: new Float64Array(), isSingle: true, isByte: false };
}

/** Tells whether a line begins with something else than a number. */
function isWord(bytes: Uint8Array, start: number): boolean {
  return readNumber(bytes, start, SCRATCH) === NO_NUMBER;
}

/** Finds x, y and z, in any case, among the words of a line. */
function namesIn(
  bytes: Uint8Array,
  start: number,
  end: number,
): string[] | undefined {
  if (end - start > MAX_NAMES_BYTES) return undefined;
  const words = new TextDecoder().decode(bytes.subarray(start, end))
    .replace(/^(#|\/\/)+/, "").trim().split(/\s+/);
  const lower = words.map((word) => word.toLowerCase());
  return ["x", "y", "z"].every((name) => lower.includes(name))
    ? words
    : undefined;
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
  return at;
}

const SCRATCH = new Float64Array(1);

/** Numbers, line by line. */
class Table {
  points = 0;
  #width = 0;
  #values = new Float64Array(1024);
  #singles: boolean[] = [];
  #bytes: boolean[] = [];
  /** Columns that have a whole number of many digits. */
  readonly #longs = new Map<number, bigint[]>();

  read(bytes: Uint8Array, start: number, end: number, line: number): void {
    let at = start;
    let column = 0;
    while (at < end) {
      const after = readNumber(bytes, at, SCRATCH);
      if (after === NO_NUMBER || after > end) throw noNumber(bytes, at, line);
      if (this.points === 0) this.#addColumn();
      if (column >= this.#width) throw this.#countError(line, "more than ");
      this.#put(column, SCRATCH[0], bytes, at, after);
      column++;
      at = skipBlanks(bytes, after);
    }
    if (column < this.#width) throw this.#countError(line, `${column} of `);
    this.points++;
  }

  columns(): TextColumn[] {
    const { points } = this;
    return Array.from({ length: this.#width }, (_, column) => {
      const values = Float64Array.from(
        { length: points },
        (_, i) => this.#values[i * this.#width + column],
      );
      const long = this.#longs.get(column);
      return {
        values,
        isSingle: this.#singles[column],
        isByte: this.#bytes[column],
        ...(long !== undefined && isWhole(values, long) && { long }),
      };
    });
  }

  #addColumn(): void {
    this.#width++;
    this.#singles.push(true);
    this.#bytes.push(true);
  }

  #put(
    column: number,
    value: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const at = this.points * this.#width + column;
    // The first line makes the columns as it is read.
    const index = this.points === 0 ? column : at;
    if (index >= this.#values.length) {
      const larger = new Float64Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[index] = value;
    if (
      this.#bytes[column] && !(value >= 0 && value <= 255 && value % 1 === 0)
    ) {
      this.#bytes[column] = false;
    }
    if (value === Math.fround(value) && end - start <= DOUBLE_DIGITS) return;
    if (!(value - value === 0)) return;
    const digits = countDigits(bytes, start, end);
    if (digits > DOUBLE_DIGITS && value % 1 === 0) {
      this.#putLong(column, bytes, start, end);
    }
    if (!this.#singles[column] || digits <= SINGLE_DIGITS) return;
    this.#singles[column] = digits <= MOST_DIGITS &&
      Number(Math.fround(value).toPrecision(digits)) === value;
  }

  #putLong(
    column: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const whole = readBigInt(bytes, start, end);
    if (whole === undefined) return;
    const long = this.#longs.get(column) ?? [];
    long[this.points] = whole;
    this.#longs.set(column, long);
  }

  #countError(line: number, found: string): PointsError {
    return new PointsError(
      "length",
      `Cannot read text: line ${line}: ${found}${this.#width} numbers, as the ` +
        "first line of points has",
    );
  }
}

/** Tells whether a column that has long numbers has whole numbers alone. */
function isWhole(values: Float64Array, long: readonly bigint[]): boolean {
  return values.every((value, i) =>
    long[i] !== undefined
      ? BigInt.asIntN(64, long[i]) === long[i]
      : Number.isInteger(value)
  );
}

/** Counts the significant digits of a decimal, its last zeros too. */
function countDigits(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    const isDigit = byte >= ZERO && byte <= ZERO + 9;
    if (isDigit && (digits > 0 || byte > ZERO)) digits++;
    else if (!isDigit && byte !== DOT && i > start) break;
  }
  return digits;
}

function noNumber(
  bytes: Uint8Array,
  start: number,
  line: number,
): PointsError {
  const end = Math.min(wordEnd(bytes, start), start + MAX_SHOWN_BYTES);
  const word = new TextDecoder().decode(bytes.subarray(start, end));
  return new PointsError(
    "text",
    `Cannot read text: line ${line}: expected a number, got ` +
      JSON.stringify(word),
  );
}
