import { type CloudShape, pack, type PointCloud } from "../cloud.ts";
import type { CloudEncoder, EncodedCloud } from "../codec.ts";
import type { FieldType, PointField } from "../field.ts";
import { columnNames, MAX_COLUMNS } from "../names.ts";
import { isAmbiguous } from "./array.ts";
import { writeNpyHeader } from "./header.ts";
import { formatPythonString } from "./python_literal.ts";

/** NumPy's names of the types. */
const DTYPES: Readonly<Record<FieldType, string>> = {
  int8: "|i1",
  uint8: "|u1",
  int16: "<i2",
  uint16: "<u2",
  int32: "<i4",
  uint32: "<u4",
  float32: "<f4",
  float64: "<f8",
  int64: "<i8",
  uint64: "<u8",
};

/**
 * Encodes clouds as NumPy's `.npy` files, format version 1.0, little-endian in
 * C order: shape (N, 3) for x, y, z of one type (and (N, C) where c3, c4 and so
 * on follow), else a structured dtype of shape (N,) that names the fields. A
 * cloud of H rows has the shape (H, W, 3) or (H, W). Padding is left out.
 */
export class NpyEncoder implements CloudEncoder {
  #output = new Uint8Array();

  /** @throws {PointsError} `too-large` when the names don't fit a header. */
  encode(cloud: PointCloud): EncodedCloud {
    const { fields, stride, width, height, points, data } = pack(cloud);
    const shape = { fields, stride, width, height, points };
    const header = headerOf(shape);
    const length = header.length + data.length;
    if (this.#output.length < length) this.#output = new Uint8Array(length);
    this.#output.set(header);
    this.#output.set(data, header.length);
    const bytes = this.#output.subarray(0, length);
    return { codec: "npy", bytes, shape, steps: {} };
  }
}

function headerOf({ fields, width, height }: CloudShape): Uint8Array {
  const sizes = height === 1 ? [width] : [height, width];
  return areColumns(fields) && !isAmbiguous(sizes[0], fields.length)
    ? writeNpyHeader(`'${DTYPES[fields[0].type]}'`, [...sizes, fields.length])
    : writeNpyHeader(describeStruct(fields), sizes);
}

/** Tells whether fields can go without their names, as columns. */
function areColumns(fields: readonly PointField[]): boolean {
  if (fields.length > MAX_COLUMNS) return false;
  const names = columnNames(fields.length);
  return fields.every(({ name, type }, i) =>
    name === names[i] && type === fields[0].type
  );
}

function describeStruct(fields: readonly PointField[]): string {
  const entries = fields.map(({ name, type }) =>
    `(${formatPythonString(name)}, '${DTYPES[type]}')`
  );
  return `[${entries.join(", ")}]`;
}
