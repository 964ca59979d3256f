/** Where the numbers of an array are, and what of a cloud they are. */
import { checkFields, type CloudShape } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { packFields, type PointField, XYZ } from "../field.ts";
import { columnNames, lowerXyz, MAX_COLUMNS } from "../names.ts";
import { type NumberType, parseDtype, type StructField } from "./dtype.ts";
import { unsupported } from "./errors.ts";
import { type NpyHeader, readNpyHeader } from "./header.ts";

/** A column of an array: where its numbers are, and how they are written. */
export interface NpyColumn {
  type: NumberType;
  /** Byte offset of its first number. */
  start: number;
  /** Bytes from one point's number to that of the next one in its row. */
  step: number;
  /** Bytes from one row's first number to the next one's. */
  rowStep: number;
}

/** An array as a cloud. */
export interface NpyArray {
  shape: CloudShape;
  columns: NpyColumn[];
  /** The array's bytes. */
  data: Uint8Array;
  /** Whether these are a cloud's as they are. */
  isView: boolean;
}

/** An element's numbers, wherever the element is. */
interface Element {
  names: string[];
  /** The numbers of one point; `start` is within the point. */
  numbers: { type: NumberType; start: number }[];
  /** Bytes from one point to the next, in C order. */
  stride: number;
  /** Sizes of the rows, and of the points in them. */
  rows: number;
  width: number;
  /** Whether columns are points' own numbers, or an axis of the array. */
  isStruct: boolean;
}

/**
 * Columns of an array up to which three to six rows are taken for as many
 * points; with more they may just as well be the columns.
 */
const CLEAR_COLUMNS = 6;

/**
 * Reads where an array's numbers are.
 *
 * @param names those of its columns, where its dtype has none.
 * @throws {PointsError} for what is no cloud, or whose bytes don't fit.
 */
export function layOutNpy(
  bytes: Uint8Array,
  names?: readonly string[],
): NpyArray {
  const header = readNpyHeader(bytes);
  const dtype = parseDtype(header.descr);
  const element = "fields" in dtype
    ? structElement(header, dtype.fields, dtype.bytes)
    : columnsElement(header, dtype, names);
  const points = element.rows * element.width;
  const data = bytes.subarray(header.offset);
  if (data.length !== points * element.stride) {
    throw new PointsError(
      "length",
      `Cannot read .npy: shape (${header.shape.join(", ")}) needs ` +
        `${points * element.stride} bytes, ${data.length} follow the header`,
    );
  }
  const isFortran = header.fortranOrder && points > 0;
  const columns = columnsOf(element, isFortran);
  const isView = !isFortran &&
    columns.every(({ type }) => !type.isHalf && !type.isBigEndian);
  return { shape: shapeOf(element, isView), columns, data, isView };
}

/** Tells whether an array of numbers could be points, standing or lying. */
export function isAmbiguous(rows: number, columns: number): boolean {
  return rows >= XYZ.length && rows <= CLEAR_COLUMNS && columns > CLEAR_COLUMNS;
}

function columnsElement(
  { shape }: NpyHeader,
  type: NumberType,
  given?: readonly string[],
): Element {
  // An empty list becomes an array of one axis.
  const sizes = shape.length === 1 && shape[0] === 0 ? [0, XYZ.length] : shape;
  const count = sizes.at(-1) ?? 0;
  const shown = `shape (${shape.join(", ")})`;
  const hasAxes = sizes.length === 2 || sizes.length === 3;
  if (!hasAxes || count < XYZ.length || count > MAX_COLUMNS) {
    throw unsupported(
      `${shown}, expected (N, C) or (H, W, C) with C from 3 to ${MAX_COLUMNS}`,
    );
  }
  const named = nameColumns(count, given);
  if (named !== given && isAmbiguous(sizes[0], count)) {
    throw unsupported(
      `${shown} may be ${sizes[0]} points or ${count} lying ones; transpose ` +
        `it, or name its columns (--fields)`,
    );
  }
  const [rows, width] = sizes.length === 3 ? sizes : [1, sizes[0]];
  const numbers = named.map((_, i) => ({ type, start: i * type.bytes }));
  const stride = count * type.bytes;
  return { names: [...named], numbers, stride, rows, width, isStruct: false };
}

/**
 * Takes the names that are given where there are as many as columns, else
 * those that columns have by themselves, of which some may be given.
 */
function nameColumns(
  count: number,
  given?: readonly string[],
): readonly string[] {
  if (given?.length === count) return given;
  const names = columnNames(count);
  const unknown = given?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length === 0) return names;
  throw new PointsError(
    "header",
    `Cannot read .npy: the array has ${count} columns, but ` +
      `${given!.length} fields are named (${given!.join(",")})`,
  );
}

function structElement(
  { shape }: NpyHeader,
  fields: StructField[],
  stride: number,
): Element {
  if (shape.length !== 1 && shape.length !== 2) {
    throw unsupported(
      `a structured dtype of shape (${shape.join(", ")}), expected (N,) or ` +
        "(H, W)",
    );
  }
  const names = lowerXyz(fields.map(({ name }) => name));
  const missing = XYZ.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw unsupported(`a structured dtype without the field ${missing}`);
  }
  const [rows, width] = shape.length === 2 ? shape : [1, shape[0]];
  const numbers = fields.map(({ type, offset }) => ({ type, start: offset }));
  return { names, numbers, stride, rows, width, isStruct: true };
}

function columnsOf(
  { numbers, stride, rows, width, isStruct }: Element,
  isFortran: boolean,
): NpyColumn[] {
  if (!isFortran) {
    const steps = { step: stride, rowStep: width * stride };
    return numbers.map(({ type, start }) => ({ type, start, ...steps }));
  }
  return numbers.map(({ type, start }) => {
    const bytes = isStruct ? stride : type.bytes;
    const at = isStruct ? start : start * rows * width;
    return { type, start: at, step: rows * bytes, rowStep: bytes };
  });
}

function shapeOf(
  { names, numbers, stride, rows, width }: Element,
  isView: boolean,
): CloudShape {
  const fields: PointField[] = numbers.map(({ type, start }, i) => ({
    name: names[i],
    type: type.type,
    offset: start,
  }));
  const layout = isView ? { fields, stride } : packFields(fields);
  checkFields(layout.fields, layout.stride);
  const points = rows * width;
  // No rows are an empty row.
  return rows === 0
    ? { ...layout, width: 0, height: 1, points }
    : { ...layout, width, height: rows, points };
}
