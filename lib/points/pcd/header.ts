/** The header of PCL's Point Cloud Data files, versions 0.5 to 0.7. */
import type { PointCloud, Pose } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { type FieldType, isFloat, typeBytes } from "../field.ts";
import {
  headerError,
  type HeaderLine,
  headerLines,
  type Position,
  readCount,
} from "../records/header_lines.ts";

/** How the points are written; PCD's DATA. */
export type PcdData = "ascii" | "binary" | "binary_compressed";

const DATA: readonly PcdData[] = ["ascii", "binary", "binary_compressed"];

/** One entry of FIELDS. */
export interface PcdField {
  /** {@linkcode PADDING} for padding. */
  name: string;
  type: FieldType;
  /** Values of each point. */
  count: number;
}

export interface PcdHeader {
  fields: PcdField[];
  points: number;
  /** Rows. */
  height: number;
  /** Where the sensor stood; absent where that is the origin. */
  viewpoint?: Pose;
  data: PcdData;
  /** Where the points start. */
  body: Position;
}

/** Padding between fields, which no cloud has. */
export const PADDING = "_";

/** A point has no more values than this; PCL's widest descriptor has 1,980. */
const MAX_VALUES = 4096;

/** By TYPE and SIZE; B is a truth value, as some tools call it. */
const TYPES = new Map<string, FieldType>([
  ["I1", "int8"],
  ["I2", "int16"],
  ["I4", "int32"],
  ["I8", "int64"],
  ["U1", "uint8"],
  ["U2", "uint16"],
  ["U4", "uint32"],
  ["U8", "uint64"],
  ["F4", "float32"],
  ["F8", "float64"],
  ["B1", "uint8"],
]);

/** Where the sensor is at the origin. */
const NO_VIEWPOINT = [0, 0, 0, 1, 0, 0, 0];

const KEYS = [
  ...["VERSION", "FIELDS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT"],
  ...["VIEWPOINT", "POINTS", "DATA"],
];

/**
 * Reads a header up to its DATA line. As in PCL, SIZE is 4, TYPE is F and COUNT
 * is 1 where they are not given (version 0.5 had none of them), and COLUMNS is
 * an old name of FIELDS. A field of COUNT 0 has no values.
 *
 * @throws {PointsError} naming the line: `header`; `unsupported` for another
 * version, DATA or TYPE; `too-large` for more than 4,096 values a point.
 */
export function readPcdHeader(bytes: Uint8Array): PcdHeader {
  const entries = new Map<string, HeaderLine>();
  for (const entry of headerLines(bytes, "PCD")) {
    const { words, line } = entry;
    if (words[0].startsWith("#")) continue;
    const key = words[0] === "COLUMNS" ? "FIELDS" : words[0];
    if (!KEYS.includes(key)) {
      // As in Open3D, a key that is none is passed over, but for the first.
      if (entries.size > 0) continue;
      throw headerError(
        "PCD",
        line,
        `expected one of ${KEYS.join(", ")}, got ${shown(words[0])}`,
      );
    }
    if (entries.has(key)) {
      throw headerError("PCD", line, `${key} comes a second time`);
    }
    entries.set(key, entry);
    if (key === "DATA") break;
  }
  checkVersion(entries.get("VERSION"));
  const last = entries.get("DATA")!;
  const data = DATA.find((name) => name === last.words[1]);
  if (data === undefined) {
    throw unsupported(
      last.line,
      `DATA ${shown(last.words[1])}, expected ${DATA.join(", ")}`,
    );
  }
  return {
    fields: readFields(entries),
    ...readShape(entries),
    viewpoint: readViewpoint(entries.get("VIEWPOINT")),
    data,
    body: last.next,
  };
}

function checkVersion(entry: HeaderLine | undefined): void {
  if (entry === undefined || /^0?\.[567]0*$/.test(entry.words[1])) return;
  throw unsupported(
    entry.line,
    `version ${shown(entry.words[1])}, expected 0.5, 0.6 or 0.7`,
  );
}

function readFields(entries: Map<string, HeaderLine>): PcdField[] {
  const { words, line } = required(entries, "FIELDS");
  const names = words.slice(1);
  const sizes = wordsFor(entries, "SIZE", names.length);
  const types = wordsFor(entries, "TYPE", names.length);
  const counts = wordsFor(entries, "COUNT", names.length);
  let values = 0;
  const fields = names.map((name, i) => {
    const type = TYPES.get(
      `${types?.[i].toUpperCase() ?? "F"}${sizes?.[i] ?? "4"}`,
    );
    if (type === undefined) {
      throw unsupported(
        entries.get("TYPE")?.line ?? line,
        `field ${shown(name)} of TYPE ${shown(types?.[i] ?? "F")} and SIZE ` +
          `${shown(sizes?.[i] ?? "4")}`,
      );
    }
    const countLine = entries.get("COUNT")?.line ?? line;
    const count = readCount("PCD", countLine, counts?.[i] ?? "1");
    values += count;
    return { name, type, count };
  });
  if (values > MAX_VALUES) {
    throw new PointsError(
      "too-large",
      `Cannot read PCD: line ${line}: ${values} values a point, expected at ` +
        `most ${MAX_VALUES}`,
    );
  }
  return fields;
}

/** Returns an entry's words, one for each field, where the entry is there. */
function wordsFor(
  entries: Map<string, HeaderLine>,
  key: string,
  fields: number,
): string[] | undefined {
  const entry = entries.get(key);
  if (entry === undefined) return undefined;
  const words = entry.words.slice(1);
  if (words.length === fields) return words;
  throw headerError(
    "PCD",
    entry.line,
    `${key} has ${words.length} entries, expected ${fields} as FIELDS has`,
  );
}

/** As in PCL, a HEIGHT of 0 is none; without WIDTH, POINTS are in one row. */
function readShape(
  entries: Map<string, HeaderLine>,
): { points: number; height: number } {
  const count = (key: string) => {
    const entry = entries.get(key);
    return entry && readCount("PCD", entry.line, entry.words[1]);
  };
  const points = count("POINTS");
  const height = count("HEIGHT") || 1;
  const width = count("WIDTH");
  if (width === undefined || width === 0 && !count("HEIGHT")) {
    const { line, words } = required(entries, "POINTS");
    return { points: readCount("PCD", line, words[1]), height: 1 };
  }
  if (points !== undefined && points !== width * height) {
    throw headerError(
      "PCD",
      entries.get("POINTS")!.line,
      `POINTS ${points}, expected ${width * height}, which is WIDTH ${width} ` +
        `times HEIGHT ${height}`,
    );
  }
  return { points: width * height, height };
}

/**
 * Reads a translation and a quaternion, w first; none where they are those of
 * the origin or no finite numbers.
 */
function readViewpoint(entry: HeaderLine | undefined): Pose | undefined {
  if (entry === undefined) return undefined;
  const words = entry.words.slice(1);
  const numbers = words.map(Number);
  const isNumber = (word: string, i: number) =>
    !Number.isNaN(numbers[i]) || /^[-+]?(nan|inf)/i.test(word);
  if (numbers.length !== NO_VIEWPOINT.length || !words.every(isNumber)) {
    throw headerError(
      "PCD",
      entry.line,
      `VIEWPOINT has 7 numbers, tx ty tz qw qx qy qz, ` +
        `got ${words.join(" ").slice(0, 64) || "none"}`,
    );
  }
  const isNone = numbers.every((number, i) => number === NO_VIEWPOINT[i]);
  if (isNone || !numbers.every(Number.isFinite)) return undefined;
  const [tx, ty, tz, w, x, y, z] = numbers;
  return { translation: [tx, ty, tz], rotation: [x, y, z, w] };
}

function required(entries: Map<string, HeaderLine>, key: string): HeaderLine {
  const entry = entries.get(key);
  if (entry !== undefined) return entry;
  const { line } = entries.get("DATA")!;
  throw headerError("PCD", line, `expected ${key} before DATA`);
}

function unsupported(line: number, what: string): PointsError {
  return new PointsError(
    "unsupported",
    `Cannot read PCD: line ${line}: unsupported ${what}`,
  );
}

/** Cuts a word of the file to what an error may show. */
function shown(word: string | undefined): string {
  return word === undefined ? "nothing" : word.slice(0, 32);
}

/** Returns how many bytes a field takes of each point. */
export function fieldBytes({ type, count }: PcdField): number {
  return typeBytes(type) * count;
}

/** Returns how many bytes all fields take of each point. */
export function pointBytes(fields: readonly PcdField[]): number {
  return fields.reduce((total, field) => total + fieldBytes(field), 0);
}

/** Writes the header of a cloud, version 0.7. */
export function writePcdHeader(
  { fields, points, width, height, viewpoint }: PointCloud,
  data: PcdData,
): Uint8Array {
  const types = fields.map(({ type }) => type);
  return new TextEncoder().encode([
    "# .PCD v0.7 - Point Cloud Data file format",
    "VERSION 0.7",
    `FIELDS ${fields.map(({ name }) => name).join(" ")}`,
    `SIZE ${types.map(typeBytes).join(" ")}`,
    `TYPE ${types.map(typeLetter).join(" ")}`,
    `COUNT ${types.map(() => 1).join(" ")}`,
    `WIDTH ${width}`,
    `HEIGHT ${height}`,
    `VIEWPOINT ${viewpointNumbers(viewpoint).join(" ")}`,
    `POINTS ${points}`,
    `DATA ${data}`,
    "",
  ].join("\n"));
}

function typeLetter(type: FieldType): string {
  if (isFloat(type)) return "F";
  return type.startsWith("u") ? "U" : "I";
}

function viewpointNumbers(viewpoint: Pose | undefined): readonly number[] {
  if (viewpoint === undefined) return NO_VIEWPOINT;
  const [x, y, z, w] = viewpoint.rotation;
  return [...viewpoint.translation, w, x, y, z];
}
