/** Points as text, one a line: the ascii forms of PCD and PLY. */
import type { PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  type FieldType,
  type NumberReader,
  numberReader,
  type PointField,
} from "../field.ts";
import type { Position } from "./header_lines.ts";
import {
  MAX_NUMBER_BYTES,
  writeBigInt,
  writeDouble,
  writeNumber,
  writeWhole,
} from "./text_numbers.ts";
import { type TextLayout, TextTokens } from "./text_tokens.ts";
import { type ValueReader, valueReader } from "./text_values.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;

/** Bytes that a number and a space take on average, as a first guess. */
const GUESSED_NUMBER_BYTES = 10;

/** What one number of a row is for. */
export type TextToken =
  /** A value of a point. */
  | { kind: "value"; field: PointField }
  /** Nothing that is wanted. */
  | { kind: "skip" }
  /** How many numbers follow that nobody wants. */
  | { kind: "list" };

/** What is in each row, and where in a record it goes. */
export interface TextRows extends Omit<TextLayout, "words"> {
  /** The numbers of a row, in order. */
  tokens: readonly TextToken[];
  /** Bytes of the record that a row becomes. */
  stride: number;
}

/**
 * Reads rows of numbers separated by spaces or tabs; blank lines don't count.
 *
 * @returns records, little-endian, and where the rows end.
 * @throws {PointsError} naming the line: `length` where lines or numbers are
 * missing or too many, `text` where a number of the field's type is due and
 * something else stands.
 */
export function readRows(
  bytes: Uint8Array,
  from: Position,
  rows: TextRows,
): { data: Uint8Array<ArrayBuffer>; end: Position } {
  const { count, tokens, stride } = rows;
  if (tokens.length === 0) return { data: new Uint8Array(), end: from };
  checkSize(bytes, from, rows);
  const data = new Uint8Array(count * stride);
  const view = new DataView(data.buffer);
  const text = new TextTokens(bytes, from, { ...rows, words: tokens.length });
  const readers = tokens.map(tokenReader);
  // Most numbers are these, and are read without a call to what reads others.
  const floats = Int32Array.from(tokens, floatOffset);
  for (let row = 0, at = 0; row < count; row++, at += stride) {
    for (let i = 0; i < readers.length; i++) {
      text.next();
      if (floats[i] === NO_FLOAT) readers[i](text, view, at);
      else view.setFloat32(at + floats[i], text.number(), true);
    }
    text.endRow();
  }
  return { data, end: text.position };
}

const NO_FLOAT = -1;

function floatOffset(token: TextToken): number {
  const isFloat = token.kind === "value" && token.field.type === "float32";
  return isFloat ? token.field.offset : NO_FLOAT;
}

/** Checks, before memory is taken, that the rows may be there. */
function checkSize(
  bytes: Uint8Array,
  from: Position,
  { format, what, count, tokens }: TextRows,
): void {
  // A number and what separates it from the next are two bytes at least.
  const least = count * tokens.length * 2 - 1;
  if (count === 0 || least <= bytes.length - from.offset) return;
  throw new PointsError(
    "length",
    `Cannot read ${format}: line ${from.line}: ${count} ${what} of ` +
      `${tokens.length} numbers take ${least} bytes at least, ` +
      `${bytes.length - from.offset} follow`,
  );
}

function tokenReader(token: TextToken): ValueReader {
  switch (token.kind) {
    case "value":
      return valueReader(token.field);
    case "skip":
      return (text) => text.skip();
    case "list":
      return skipList;
  }
}

/** Moves on past as many words as the one at hand says. */
function skipList(text: TextTokens): void {
  const length = text.number();
  if (!(length >= 0 && length % 1 === 0)) throw text.refuse("a list's length");
  for (let left = length; left > 0; left--) {
    text.next();
    text.skip();
  }
}

/**
 * Writes a header and then one point a line, its numbers separated by spaces.
 */
export function writeRows(
  header: Uint8Array,
  { data, points, fields, stride }: PointCloud,
): Uint8Array {
  const width = fields.length;
  const most = width * (MAX_NUMBER_BYTES + 1);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const writers = fields.map(({ type, offset }) => ({
    offset,
    write: WRITERS[type] ?? wholeWriter(numberReader(type)),
  }));
  let out = new Uint8Array(
    header.length + points * width * GUESSED_NUMBER_BYTES + most,
  );
  out.set(header);
  let at = header.length;
  for (let point = 0; point < points; point++) {
    if (at + most > out.length) out = grown(out, most);
    const start = point * stride;
    for (const { offset, write } of writers) {
      at = write(out, at, view, start + offset);
      out[at++] = SPACE;
    }
    out[at - 1] = NEWLINE;
  }
  return out.subarray(0, at);
}

/** Writes the value at `from` as text at `at`, and returns what is after it. */
type ValueWriter = (
  out: Uint8Array,
  at: number,
  view: DataView,
  from: number,
) => number;

const WRITERS: Partial<Record<FieldType, ValueWriter>> = {
  float32: (out, at, view, from) =>
    writeNumber(out, at, view.getFloat32(from, true)),
  float64: (out, at, view, from) =>
    writeDouble(out, at, view.getFloat64(from, true)),
  int64: (out, at, view, from) =>
    writeBigInt(out, at, view.getBigInt64(from, true)),
  uint64: (out, at, view, from) =>
    writeBigInt(out, at, view.getBigUint64(from, true)),
};

function wholeWriter(read: NumberReader): ValueWriter {
  return (out, at, view, from) => writeWhole(out, at, read(view, from));
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.ceil(bytes.length * 1.5) + least);
  more.set(bytes);
  return more;
}
