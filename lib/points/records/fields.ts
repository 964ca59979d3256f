/**
 * The fields of a point as a file has them, in PCD and PLY alike, and the
 * cloud's values out of the file's records.
 */
import { XYZ } from "../cloud.ts";
import { PointsError } from "../errors.ts";

/** A number's type in a file: signed, unsigned or float, and how many bytes. */
export type Scalar =
  | "i1"
  | "i2"
  | "i4"
  | "i8"
  | "u1"
  | "u2"
  | "u4"
  | "u8"
  | "f4"
  | "f8";

/** Where the values of one field are in a file. */
export interface FileField {
  name: string;
  /** `f4` is taken over bit for bit, the others are rounded to float32. */
  type: Scalar;
  /** Bytes from the start of the points to the first value; binary forms. */
  offset: number;
  /** Bytes from one point's value to the next one's; binary forms. */
  stride: number;
  /** Index among the numbers of a line; text forms. */
  token: number;
}

/**
 * Sorts the fields into a cloud's order: x, y, z, then the others as they come.
 *
 * @throws {PointsError} `header` when one of x, y, z is missing.
 */
export function xyzFirst(fields: FileField[], format: string): FileField[] {
  const first = XYZ.map((name) => {
    const field = fields.find((field) => field.name === name);
    if (field !== undefined) return field;
    throw new PointsError(
      "header",
      `Cannot read ${format}: no field ${name}; expected x, y and z, ` +
        `got ${fields.map((field) => field.name).join(", ") || "none"}`,
    );
  });
  return [...first, ...fields.filter((field) => !first.includes(field))];
}

/**
 * Checks that each of a cloud's field names can stand in a file's header.
 *
 * @throws {PointsError} `unsupported` for a name that is empty, has spaces in
 * it or is one of `reserved`.
 */
export function checkNames(
  names: readonly string[],
  format: string,
  reserved: readonly string[] = [],
): void {
  for (const name of names) {
    if (/^[^\s\p{Cc}]+$/u.test(name) && !reserved.includes(name)) continue;
    throw new PointsError(
      "unsupported",
      `Cannot write ${format}: it can't name a field ${JSON.stringify(name)}`,
    );
  }
}

/** Returns how many bytes one value takes. */
export function scalarBytes(type: Scalar): number {
  return Number(type[1]);
}

/** Reads one value at an offset, which must be within the view. */
export type ScalarReader = (
  view: DataView,
  offset: number,
  isLittleEndian: boolean,
) => number;

const READERS: Readonly<Record<Scalar, ScalarReader>> = {
  i1: (view, offset) => view.getInt8(offset),
  u1: (view, offset) => view.getUint8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  u2: (view, offset, little) => view.getUint16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  i8: (view, offset, little) =>
    view.getInt32(offset + (little ? 4 : 0), little) * 0x100000000 +
    view.getUint32(offset + (little ? 0 : 4), little),
  u8: (view, offset, little) =>
    view.getUint32(offset + (little ? 4 : 0), little) * 0x100000000 +
    view.getUint32(offset + (little ? 0 : 4), little),
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
};

/** Returns what reads a value of a type. */
export function scalarReader(type: Scalar): ScalarReader {
  return READERS[type];
}

/** Points as a file's binary form has them. */
export interface BinaryPoints {
  /** The wanted fields, in the cloud's order. */
  fields: FileField[];
  points: number;
  isLittleEndian: boolean;
}

/**
 * Reads the fields of points out of `data`, which must hold them.
 *
 * @returns float32 values, shape (points, fields.length), C order; a copy.
 */
export function readBinary(
  data: Uint8Array,
  { fields, points, isLittleEndian }: BinaryPoints,
): Float32Array {
  if (points === 0) return new Float32Array(0);
  if (isLittleEndian && isInterleavedF32(fields)) {
    const { offset, stride } = fields[0];
    return new Float32Array(
      data.slice(offset, offset + points * stride).buffer,
    );
  }
  const values = new Float32Array(points * fields.length);
  const words = new Uint32Array(values.buffer);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const width = fields.length;
  fields.forEach(({ type, offset, stride }, column) => {
    if (type === "f4") {
      for (let i = column; i < words.length; i += width, offset += stride) {
        words[i] = view.getUint32(offset, isLittleEndian);
      }
      return;
    }
    const read = READERS[type];
    for (let i = column; i < values.length; i += width, offset += stride) {
      values[i] = read(view, offset, isLittleEndian);
    }
  });
  return values;
}

/** Tells whether the file's records are a cloud's values as they are. */
function isInterleavedF32(fields: FileField[]): boolean {
  const start = fields[0].offset;
  return fields.every(({ type, offset, stride }, i) =>
    type === "f4" && stride === fields.length * 4 && offset === start + i * 4
  );
}
