/** The text header before the points of a PCD or PLY file. */
import { PointsError } from "../errors.ts";

/** A place in a file of lines. */
export interface Position {
  /** Bytes before it. */
  offset: number;
  /** Number of its line, from 1. */
  line: number;
  /** The byte that ends a line: \n, or \r where the file has it alone. */
  newline: number;
}

/** One line of a header. */
export interface HeaderLine {
  /** Its words, split at spaces and tabs. */
  words: string[];
  /** Its number, from 1. */
  line: number;
  /** Where the next line starts. */
  next: Position;
}

/** A longer line is no header. */
const MAX_LINE_BYTES = 65536;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Returns where a file's text starts: after a byte order mark. */
export function textStart(bytes: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)
    ? BYTE_ORDER_MARK.length
    : 0;
}

/**
 * Yields the lines of a file one after the other, without the blank ones. They
 * end as the first one does: in \n or \r\n, or in \r.
 *
 * @throws {PointsError} `header` where the file ends without a newline, or when
 * a line is longer than 65,536 bytes.
 */
export function* headerLines(
  bytes: Uint8Array,
  format: string,
): Generator<HeaderLine> {
  const decoder = new TextDecoder();
  const newline = findNewline(bytes);
  for (let offset = textStart(bytes), line = 1;; line++) {
    const most = bytes.subarray(offset, offset + MAX_LINE_BYTES);
    const length = most.indexOf(newline);
    if (length < 0) {
      throw headerError(
        format,
        line,
        `the header ends at byte ${offset + most.length} in mid-line, ` +
          `expected a newline`,
      );
    }
    const words = decoder.decode(most.subarray(0, length)).split(/[ \t\r]+/)
      .filter((word) => word !== "");
    offset += length + 1;
    if (words.length > 0) {
      yield { words, line, next: { offset, line: line + 1, newline } };
    }
  }
}

/** Tells how lines end: by \r alone only where the first one does. */
function findNewline(bytes: Uint8Array): number {
  const first = bytes.subarray(0, MAX_LINE_BYTES);
  const at = first.indexOf(RETURN);
  if (at < 0 || first.subarray(0, at).includes(NEWLINE)) return NEWLINE;
  let after = at + 1;
  while (bytes[after] === RETURN) after++;
  return bytes[after] === NEWLINE ? NEWLINE : RETURN;
}

/** Makes the error for a line of a header. */
export function headerError(
  format: string,
  line: number,
  why: string,
): PointsError {
  return new PointsError(
    "header",
    `Cannot read ${format}: line ${line}: ${why}`,
  );
}

/**
 * Reads a count as a header has it.
 *
 * @throws {PointsError} `header` unless it is a whole number of up to 15
 * digits, with or without a point.
 */
export function readCount(
  format: string,
  line: number,
  word: string | undefined,
): number {
  if (word !== undefined && /^\d{1,15}(\.0*)?$/.test(word)) return Number(word);
  throw headerError(
    format,
    line,
    `expected a whole number, got ${word?.slice(0, 32) ?? "nothing"}`,
  );
}
