/** The header of Stanford's PLY files, version 1.0. */
import { PointsError } from "../errors.ts";
import type { Scalar } from "../records/fields.ts";
import {
  headerError,
  headerLines,
  type Position,
  readCount,
} from "../records/header_lines.ts";

/** How the elements are written. */
export type PlyFormat =
  | "ascii"
  | "binary_little_endian"
  | "binary_big_endian";

const FORMATS: readonly PlyFormat[] = [
  "ascii",
  "binary_little_endian",
  "binary_big_endian",
];

export interface PlyProperty {
  name: string;
  type: Scalar;
  /**
   * Type of the count before the values of a list; absent of a single value.
   */
  countType?: Scalar;
}

export interface PlyElement {
  name: string;
  count: number;
  properties: PlyProperty[];
}

export interface PlyHeader {
  format: PlyFormat;
  /** In the order of the file. */
  elements: PlyElement[];
  /** Where the first element starts. */
  body: Position;
}

const TYPES = new Map<string, Scalar>([
  ["char", "i1"],
  ["int8", "i1"],
  ["uchar", "u1"],
  ["uint8", "u1"],
  ["short", "i2"],
  ["int16", "i2"],
  ["ushort", "u2"],
  ["uint16", "u2"],
  ["int", "i4"],
  ["int32", "i4"],
  ["uint", "u4"],
  ["uint32", "u4"],
  ["float", "f4"],
  ["float32", "f4"],
  ["double", "f8"],
  ["float64", "f8"],
]);

/**
 * Reads a header up to its end_header line.
 *
 * @throws {PointsError} naming the line: `header`; `unsupported` for another
 * format, version or property type.
 */
export function readPlyHeader(bytes: Uint8Array): PlyHeader {
  if (bytes[0] !== 0x70 || bytes[1] !== 0x6c || bytes[2] !== 0x79) {
    throw headerError("PLY", 1, "expected the magic word ply");
  }
  let format: PlyFormat | undefined;
  const elements: PlyElement[] = [];
  for (const { words, line, next } of headerLines(bytes, "PLY")) {
    const [keyword] = words;
    if (line === 1 && words.length === 1 && keyword === "ply") continue;
    if (keyword === "comment" || keyword === "obj_info") continue;
    if (keyword === "format") format = readFormat(words, line);
    else if (keyword === "element") elements.push(readElement(words, line));
    else if (keyword === "property") {
      const element = elements.at(-1);
      if (element === undefined) {
        throw headerError("PLY", line, "expected an element before a property");
      }
      element.properties.push(readProperty(words, line));
    } else if (keyword === "end_header") {
      if (format !== undefined) return { format, elements, body: next };
      throw headerError("PLY", line, "expected a format before end_header");
    } else {
      throw headerError(
        "PLY",
        line,
        `expected format, element, property, comment, obj_info or ` +
          `end_header, got ${keyword.slice(0, 32)}`,
      );
    }
  }
  throw new Error("headerLines ends by throwing only");
}

function readFormat(words: string[], line: number): PlyFormat {
  const format = FORMATS.find((format) => format === words[1]);
  if (format === undefined || words[2] !== "1.0") {
    throw new PointsError(
      "unsupported",
      `Cannot read PLY: line ${line}: unsupported ${shown(words)}, expected ` +
        `format ${FORMATS.join(", ")}, version 1.0`,
    );
  }
  return format;
}

function readElement(words: string[], line: number): PlyElement {
  const [, name, count] = words;
  if (words.length !== 3) {
    throw headerError(
      "PLY",
      line,
      `expected element NAME COUNT, got ${shown(words)}`,
    );
  }
  return { name, count: readCount("PLY", line, count), properties: [] };
}

function readProperty(words: string[], line: number): PlyProperty {
  if (words[1] === "list" && words.length === 5) {
    const countType = readType(words[2], line);
    if (countType.startsWith("f")) {
      throw headerError(
        "PLY",
        line,
        `expected a whole number's type for the length of a list, ` +
          `got ${words[2]}`,
      );
    }
    return { name: words[4], type: readType(words[3], line), countType };
  }
  if (words.length === 3) {
    return { name: words[2], type: readType(words[1], line) };
  }
  throw headerError(
    "PLY",
    line,
    `expected property TYPE NAME or property list TYPE TYPE NAME, ` +
      `got ${shown(words)}`,
  );
}

function readType(word: string, line: number): Scalar {
  const type = TYPES.get(word);
  if (type !== undefined) return type;
  throw new PointsError(
    "unsupported",
    `Cannot read PLY: line ${line}: unsupported type ${word.slice(0, 32)}, ` +
      `expected one of ${[...TYPES.keys()].join(", ")}`,
  );
}

/** Cuts a line's words to what an error may show. */
function shown(words: string[]): string {
  return words.join(" ").slice(0, 64);
}

/** Writes the header of `points` vertices of float32 properties. */
export function writePlyHeader(
  format: PlyFormat,
  points: number,
  names: readonly string[],
): Uint8Array {
  return new TextEncoder().encode([
    "ply",
    `format ${format} 1.0`,
    `element vertex ${points}`,
    ...names.map((name) => `property float ${name}`),
    "end_header",
    "",
  ].join("\n"));
}
