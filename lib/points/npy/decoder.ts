import { checkFields, type PointCloud, pointCloud, XYZ } from "../cloud.ts";
import type { CloudDecoder, CloudShape } from "../codec.ts";
import { PointsError } from "../errors.ts";
import { type NumberType, parseDtype, type StructField } from "./dtype.ts";
import { MAX_NPY_COLUMNS, npyColumnNames } from "./fields.ts";
import { type NpyHeader, readNpyHeader } from "./header.ts";

/** A column of an array: where its numbers are, and how they are read. */
interface Column {
  type: NumberType;
  /** Byte offset of its first number. */
  start: number;
  /** Bytes from one point's number to the next one's. */
  stride: number;
}

/**
 * Decodes NumPy's `.npy` files, format versions 1.0 to 3.0:
 *
 * - float32 or float64 of either byte order, C or Fortran order, shape (N, 3)
 *   to (N, 6): fields x, y, z, intensity, c4, c5.
 * - A structured dtype of shape (N,), with the fields x, y, z and others in
 *   any order: floats, integers and bool. x, y, z come first in the cloud, then
 *   the others in the file's order.
 *
 * All values become float32. What isn't read is refused by name.
 */
export class NpyDecoder implements CloudDecoder {
  #values = new Float32Array();

  inspect(bytes: Uint8Array): CloudShape {
    const { points, names } = layOut(bytes);
    return { points, fields: checkFields(names) };
  }

  /**
   * Reads one file.
   *
   * @returns a view of `bytes` where they hold float32 values as a cloud does,
   * aligned to 4 bytes.
   */
  decode(bytes: Uint8Array): PointCloud {
    const { points, names, columns, data } = layOut(bytes);
    const values = viewValues(data, columns) ??
      this.#convert(data, columns, points);
    return pointCloud(values, names);
  }

  #convert(data: Uint8Array, columns: Column[], points: number): Float32Array {
    const length = points * columns.length;
    if (this.#values.length < length) this.#values = new Float32Array(length);
    const values = this.#values.subarray(0, length);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    columns.forEach(({ type: { read }, start, stride }, column) => {
      for (let i = column, at = start; i < length; i += columns.length) {
        values[i] = read(view, at);
        at += stride;
      }
    });
    return values;
  }
}

interface Layout {
  points: number;
  names: string[];
  columns: Column[];
}

/** Tells where a file's numbers are. */
function layOut(bytes: Uint8Array): Layout & { data: Uint8Array } {
  const header = readNpyHeader(bytes);
  const { shape, offset } = header;
  const dtype = parseDtype(header.descr);
  const layout = "fields" in dtype
    ? layOutStruct(header, dtype.fields, dtype.bytes)
    : layOutColumns(header, dtype);
  const { points, columns } = layout;
  const elementBytes = columns.reduce((sum, { type }) => sum + type.bytes, 0);
  const due = points * ("fields" in dtype ? dtype.bytes : elementBytes);
  const data = bytes.subarray(offset);
  if (data.length === due) return { ...layout, data };
  throw new PointsError(
    "length",
    `Cannot read .npy: shape (${shape.join(", ")}) needs ${due} bytes, ` +
      `${data.length} follow the header`,
  );
}

function layOutColumns(
  { shape, fortranOrder }: NpyHeader,
  type: NumberType,
): Layout {
  const [points, count] = shape;
  if (shape.length !== 2 || count < XYZ.length || count > MAX_NPY_COLUMNS) {
    throw unsupported(
      `shape (${shape.join(", ")}), expected (N, 3) to (N, ${MAX_NPY_COLUMNS})`,
    );
  }
  if (!/f[48]$/.test(type.name)) {
    throw unsupported(`dtype ${type.name}, expected float32 or float64`);
  }
  const columns = Array.from({ length: count }, (_, column) => ({
    type,
    start: column * type.bytes * (fortranOrder ? points : 1),
    stride: type.bytes * (fortranOrder ? 1 : count),
  }));
  return { points, names: npyColumnNames(count), columns };
}

function layOutStruct(
  { shape }: NpyHeader,
  fields: StructField[],
  stride: number,
): Layout {
  if (shape.length !== 1) {
    throw unsupported(
      `a structured dtype of shape (${shape.join(", ")}), expected (N,)`,
    );
  }
  const missing = XYZ.find((name) => !fields.some((f) => f.name === name));
  if (missing !== undefined) {
    throw unsupported(`a structured dtype without the field ${missing}`);
  }
  const sorted = [
    ...XYZ.map((name) => fields.find((f) => f.name === name)!),
    ...fields.filter(({ name }) => !XYZ.includes(name)),
  ];
  return {
    points: shape[0],
    names: sorted.map(({ name }) => name),
    columns: sorted.map(({ type, offset }) => ({
      type,
      start: offset,
      stride,
    })),
  };
}

/** Takes the data as it is, where it is just what a cloud's values are. */
function viewValues(
  data: Uint8Array,
  columns: Column[],
): Float32Array | undefined {
  const isPlain = data.byteOffset % 4 === 0 &&
    columns.every(({ type, start, stride }, i) =>
      /^[<=]f4$/.test(type.name) && start === i * 4 &&
      stride === columns.length * 4
    );
  return isPlain
    ? new Float32Array(data.buffer, data.byteOffset, data.length / 4)
    : undefined;
}

function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read .npy: ${what}`);
}
