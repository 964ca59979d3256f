/** Points as text, one a line: the ascii forms of PCD and PLY. */
import type { PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import type { FileField } from "./fields.ts";
import type { Position } from "./header_lines.ts";
import {
  MAX_NUMBER_BYTES,
  readNumber,
  readWhole,
  writeNumber,
  writeWhole,
} from "./text_numbers.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;

/** Bytes of a word that an error shows at most. */
const MAX_SHOWN_BYTES = 32;

/** Bytes that a number and a space take on average, as a first guess. */
const GUESSED_NUMBER_BYTES = 10;

/** What is on each line, and what of it is wanted. */
export interface TextRows {
  /** The file's format, for errors. */
  format: string;
  /** Lines with points on them. */
  points: number;
  /** Numbers on a line. */
  tokens: number;
  /** The wanted ones, in the cloud's order. */
  fields: FileField[];
  /** Tells which fields are whole numbers that stand for a float32's bits. */
  isPacked(field: FileField): boolean;
}

/**
 * Reads one point a line, its numbers separated by spaces or tabs; blank lines
 * don't count.
 *
 * @returns float32 values, shape (points, fields.length), C order.
 * @throws {PointsError} naming the line: `length` where lines or numbers are
 * missing or too many, `text` where a number is due and something else stands.
 */
export function readRows(
  bytes: Uint8Array,
  from: Position,
  rows: TextRows,
): Float32Array {
  const { format, points, tokens, fields } = rows;
  // A number and what separates it from the next are two bytes at least.
  const least = points * tokens * 2 - 1;
  if (points > 0 && least > bytes.length - from.offset) {
    throw new PointsError(
      "length",
      `Cannot read ${format}: line ${from.line}: ${points} points of ` +
        `${tokens} numbers take ${least} bytes at least, ` +
        `${bytes.length - from.offset} follow`,
    );
  }
  const width = fields.length;
  const values = new Float32Array(points * width);
  const words = new Uint32Array(values.buffer);
  const columns = new Int32Array(tokens).fill(-1);
  const packed = new Uint8Array(tokens);
  fields.forEach((field, column) => {
    columns[field.token] = column;
    packed[field.token] = rows.isPacked(field) ? 1 : 0;
  });
  let { offset, line } = from;
  for (let point = 0; point < points; point++) {
    while (offset < bytes.length && bytes[offset] <= SPACE) {
      if (bytes[offset++] === NEWLINE) line++;
    }
    for (let token = 0; token < tokens; token++) {
      while (isSeparator(bytes[offset])) offset++;
      const start = offset;
      while (bytes[offset] > SPACE) offset++;
      if (offset === start) {
        const isEnd = offset >= bytes.length;
        throw missing(rows, { line, point, token, isEnd });
      }
      const column = columns[token];
      if (column < 0) continue;
      const at = point * width + column;
      const isRead = packed[token] === 1
        ? readWhole(bytes, start, offset, words, at)
        : readNumber(bytes, start, offset, values, at);
      if (!isRead) {
        throw noNumber(format, line, bytes.subarray(start, offset));
      }
    }
    while (isSeparator(bytes[offset])) offset++;
    if (offset < bytes.length && bytes[offset] !== NEWLINE) {
      throw new PointsError(
        "length",
        `Cannot read ${format}: line ${line}: more than ${tokens} numbers ` +
          `at byte ${offset}`,
      );
    }
    offset++;
    line++;
  }
  return values;
}

/** Moves on past `count` lines that are not blank, or to the end. */
export function skipRows(
  bytes: Uint8Array,
  from: Position,
  count: number,
): Position {
  let { offset, line } = from;
  for (let skipped = 0; skipped < count && offset < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, offset);
    const end = newline < 0 ? bytes.length : newline;
    while (offset < end && isSeparator(bytes[offset])) offset++;
    if (offset < end) skipped++;
    offset = end + 1;
  }
  return { offset, line };
}

/**
 * Tells whether a byte is a space, a tab or another control, but no newline.
 */
function isSeparator(byte: number): boolean {
  return byte <= SPACE && byte !== NEWLINE;
}

/** Makes the error for a place where a number is due and nothing stands. */
function missing(
  { format, points, tokens }: TextRows,
  { line, point, token, isEnd }: {
    line: number;
    point: number;
    token: number;
    /** Whether the file ends there. */
    isEnd: boolean;
  },
): PointsError {
  const why = token === 0 && isEnd
    ? `the file ends after ${point} points, expected ${points}`
    : `${token} numbers, expected ${tokens}`;
  return new PointsError(
    "length",
    `Cannot read ${format}: line ${line}: ${why}`,
  );
}

function noNumber(
  format: string,
  line: number,
  word: Uint8Array,
): PointsError {
  const shown = word.subarray(0, MAX_SHOWN_BYTES);
  return new PointsError(
    "text",
    `Cannot read ${format}: line ${line}: expected a number, got ` +
      JSON.stringify(new TextDecoder().decode(shown)),
  );
}

/**
 * Writes a header and then one point a line, its numbers separated by spaces.
 *
 * @param isPacked tells which fields are written as the whole number, uint32,
 * that their float32's bits are.
 */
export function writeRows(
  header: Uint8Array,
  { points, fields, values }: PointCloud,
  isPacked: (name: string) => boolean = () => false,
): Uint8Array {
  const width = fields.length;
  const most = width * (MAX_NUMBER_BYTES + 1);
  const words = new Uint32Array(
    values.buffer,
    values.byteOffset,
    values.length,
  );
  const packed = fields.map(isPacked);
  let out = new Uint8Array(
    header.length + points * width * GUESSED_NUMBER_BYTES + most,
  );
  out.set(header);
  let at = header.length;
  for (let i = 0; i < values.length;) {
    if (at + most > out.length) out = grown(out, most);
    for (let column = 0; column < width; column++, i++) {
      at = packed[column]
        ? writeWhole(out, at, words[i])
        : writeNumber(out, at, values[i]);
      out[at++] = SPACE;
    }
    out[at - 1] = NEWLINE;
  }
  return out.subarray(0, at);
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.ceil(bytes.length * 1.5) + least);
  more.set(bytes);
  return more;
}
