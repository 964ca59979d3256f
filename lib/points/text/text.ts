/**
 * Points as text without a format's header, one a line: `.xyz .txt .csv .pts
 * .asc`. Values are separated by blanks, commas or semicolons; lines that begin
 * with # or // are comments. A line of names may come first, behind such signs
 * too.
 */
import { createCloud, type PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  type NamedType,
  numberWriter,
  packFields,
  type WholeRange,
  wholeRange,
} from "../field.ts";
import { columnNames, lowerXyz, MAX_COLUMNS } from "../names.ts";
import { textStart } from "../records/header_lines.ts";
import { uniqueNames } from "../records/record.ts";
import { readColumns, type TextColumn } from "./columns.ts";
import { separateBySpaces } from "./separators.ts";

/** Leica's files begin with the number of points alone. */
const PTS_COLUMNS = ["x", "y", "z", "intensity", "r", "g", "b"];

/** Options of {@linkcode decodeText}. */
export interface DecodeTextOptions {
  /**
   * Names of the columns, and types other than float32, where the file doesn't
   * say names.
   */
  fields?: readonly NamedType[];
  /** Whether the first line is the number of points. */
  isPts?: boolean;
}

/**
 * Reads points as text. A column is float32 where that holds its numbers as
 * they are written, else float64; int64 for whole numbers that no double holds,
 * uint8 for red, green and blue from 0 to 255.
 *
 * @throws {PointsError} naming the line: `header` for names that don't fit;
 * `length` where numbers are missing or too many; `text` where a number is due
 * and something else stands.
 */
export function decodeText(
  bytes: Uint8Array,
  { fields, isPts = false }: DecodeTextOptions = {},
): PointCloud {
  const text = separateBySpaces(bytes.subarray(textStart(bytes)));
  const { names: said, columns, points } = readColumns(text, { isPts });
  const count = columns.length;
  if (points === 0 && said === undefined) {
    throw new PointsError("empty", "Cannot read text: there are no points");
  }
  if (count > MAX_COLUMNS) {
    throw new PointsError(
      "too-large",
      `Cannot read text: ${count} columns, expected at most ${MAX_COLUMNS}`,
    );
  }
  const names = said ?? namesFor(count, fields, isPts);
  const types = said === undefined && fields?.length === count
    ? fields
    : undefined;
  const named = uniqueNames(lowerXyz(names)).map((name, i) => ({
    name,
    type: typeFor(name, columns[i], types?.[i]),
  }));
  return assemble(named, columns, points);
}

function namesFor(
  count: number,
  fields: readonly NamedType[] | undefined,
  isPts: boolean,
): readonly string[] {
  if (fields === undefined) {
    return isPts && (count === 4 || count === PTS_COLUMNS.length)
      ? PTS_COLUMNS.slice(0, count)
      : columnNames(count);
  }
  if (fields.length === count) return fields.map(({ name }) => name);
  const known = columnNames(count);
  if (fields.every(({ name }) => known.includes(name))) return known;
  throw new PointsError(
    "header",
    `Cannot read text: a line has ${count} numbers, and ${fields.length} ` +
      `fields are named (${fields.map(({ name }) => name).join(",")})`,
  );
}

const CHANNELS = /^(r|g|b|a|red|green|blue|alpha)$/i;

function typeFor(
  name: string,
  column: TextColumn,
  asked: NamedType | undefined,
): NamedType["type"] {
  // float32 is what a field has to which nobody gave a type.
  if (asked !== undefined && asked.type !== "float32") return asked.type;
  if (column.isByte && CHANNELS.test(name)) return "uint8";
  if (column.long !== undefined) return "int64";
  return column.isSingle ? "float32" : "float64";
}

function assemble(
  named: readonly NamedType[],
  columns: readonly TextColumn[],
  points: number,
): PointCloud {
  const { fields, stride } = packFields(named);
  const data = new Uint8Array(points * stride);
  const view = new DataView(data.buffer);
  fields.forEach((field, i) => {
    const { type, offset } = field;
    const { values, long } = columns[i];
    if (type === "int64" || type === "uint64") {
      for (let point = 0, at = offset; point < points; point++, at += stride) {
        const whole = long?.[point] ?? wholeOf(values[point], field, point);
        view.setBigInt64(at, whole, true);
      }
      return;
    }
    const write = numberWriter(type);
    const range = wholeRange(type);
    for (let point = 0, at = offset; point < points; point++, at += stride) {
      const value = values[point];
      if (range !== undefined && !isWithin(value, range)) {
        throw unfit(field, value, point);
      }
      write(view, at, value);
    }
  });
  return createCloud({ data, fields, stride });
}

function isWithin(value: number, { min, max }: WholeRange): boolean {
  return value >= min && value <= max && value % 1 === 0;
}

function wholeOf(value: number, field: NamedType, point: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw unfit(field, value, point);
}

function unfit(
  { name, type }: NamedType,
  value: number,
  point: number,
): PointsError {
  return new PointsError(
    "text",
    `Cannot read text: ${name} of point ${point} is ${value}, which is no ` +
      `${type}`,
  );
}
