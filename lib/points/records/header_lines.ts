/** The text header before the points of a PCD or PLY file. */
import { PointsError } from "../errors.ts";

/** A place in a file of lines. */
export interface Position {
  /** Bytes before it. */
  offset: number;
  /** Number of its line, from 1. */
  line: number;
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

/**
 * Yields the lines of a file one after the other, ended by \n or \r\n, without
 * the blank ones.
 *
 * @throws {PointsError} `header` where the file ends without a newline, or when
 * a line is longer than 65,536 bytes.
 */
export function* headerLines(
  bytes: Uint8Array,
  format: string,
): Generator<HeaderLine> {
  const decoder = new TextDecoder();
  for (let offset = 0, line = 1;; line++) {
    const most = bytes.subarray(offset, offset + MAX_LINE_BYTES);
    const length = most.indexOf(NEWLINE);
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
      yield { words, line, next: { offset, line: line + 1 } };
    }
  }
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
 * digits.
 */
export function readCount(
  format: string,
  line: number,
  word: string | undefined,
): number {
  if (word !== undefined && /^\d{1,15}$/.test(word)) return Number(word);
  throw headerError(
    format,
    line,
    `expected a whole number, got ${word?.slice(0, 32) ?? "nothing"}`,
  );
}
