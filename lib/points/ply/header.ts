/** The header of Stanford's PLY files, version 1.0. */
import type { PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { type FieldType, isFloat } from "../field.ts";
import {
  headerError,
  headerLines,
  type Position,
  readCount,
  textStart,
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
  type: FieldType;
  /**
   * Type of the count before the values of a list; absent of a single value.
   */
  countType?: FieldType;
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
  /** Columns and rows of a scanner's grid, where the file tells of one. */
  grid: Partial<Record<"num_cols" | "num_rows", number>>;
  /** Where the first element starts. */
  body: Position;
}

/**
 * The types by their names. Those of 64 bits are no standard ones, and other
 * readers refuse them.
 */
const TYPES = new Map<string, FieldType>([
  ["char", "int8"],
  ["int8", "int8"],
  ["uchar", "uint8"],
  ["uint8", "uint8"],
  ["short", "int16"],
  ["int16", "int16"],
  ["ushort", "uint16"],
  ["uint16", "uint16"],
  ["int", "int32"],
  ["int32", "int32"],
  ["uint", "uint32"],
  ["uint32", "uint32"],
  ["float", "float32"],
  ["float32", "float32"],
  ["double", "float64"],
  ["float64", "float64"],
  ["int64", "int64"],
  ["uint64", "uint64"],
]);

/**
 * Reads a header up to its end_header line.
 *
 * @throws {PointsError} naming the line: `header`; `unsupported` for another
 * format, version or property type.
 */
export function readPlyHeader(bytes: Uint8Array): PlyHeader {
  const start = textStart(bytes);
  if (![0x70, 0x6c, 0x79].every((byte, i) => bytes[start + i] === byte)) {
    throw headerError("PLY", 1, "expected the magic word ply");
  }
  let format: PlyFormat | undefined;
  const elements: PlyElement[] = [];
  const grid: PlyHeader["grid"] = {};
  for (const { words, line, next } of headerLines(bytes, "PLY")) {
    const [keyword] = words;
    if (line === 1 && words.length === 1 && keyword === "ply") continue;
    if (keyword === "comment") continue;
    if (keyword === "obj_info") readGrid(words, grid);
    else if (keyword === "format") format = readFormat(words, line);
    else if (keyword === "element") elements.push(readElement(words, line));
    else if (keyword === "property") {
      const element = elements.at(-1);
      if (element === undefined) {
        throw headerError("PLY", line, "expected an element before a property");
      }
      element.properties.push(readProperty(words, line));
    } else if (keyword === "end_header") {
      if (format !== undefined) {
        return { format, elements, grid, body: next };
      }
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

/** Takes the one kind of obj_info that scanners' files agree on. */
function readGrid([, key, count]: string[], grid: PlyHeader["grid"]): void {
  const isGrid = key === "num_cols" || key === "num_rows";
  if (isGrid && /^\d{1,9}$/.test(count)) grid[key] = Number(count);
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
    if (isFloat(countType)) {
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

function readType(word: string, line: number): FieldType {
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

/** The names that the oldest readers know. */
const WRITTEN = {
  int8: "char",
  uint8: "uchar",
  int16: "short",
  uint16: "ushort",
  int32: "int",
  uint32: "uint",
  float32: "float",
  float64: "double",
  int64: "int64",
  uint64: "uint64",
} satisfies Record<FieldType, string>;

/** Writes the header of a cloud's vertices, and its rows where it has some. */
export function writePlyHeader(
  format: PlyFormat,
  { fields, points, width, height }: PointCloud,
): Uint8Array {
  const grid = height > 1
    ? [`obj_info num_cols ${width}`, `obj_info num_rows ${height}`]
    : [];
  return new TextEncoder().encode([
    "ply",
    `format ${format} 1.0`,
    ...grid,
    `element vertex ${points}`,
    ...fields.map(({ name, type }) => `property ${WRITTEN[type]} ${name}`),
    "end_header",
    "",
  ].join("\n"));
}
