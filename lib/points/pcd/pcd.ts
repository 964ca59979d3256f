/**
 * PCL's Point Cloud Data files
 * (https://pointclouds.org/documentation/tutorials/pcd_file_format.html).
 * Numbers in the binary forms are little-endian.
 *
 * A field called rgb or rgba is PCL's packed colour: its 32 bits are kept as
 * they are, whatever their TYPE, and are no meaningful number as a float32.
 */
import { type PointCloud, pointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  checkNames,
  type FileField,
  readBinary,
  xyzFirst,
} from "../records/fields.ts";
import { readPcdBlocks, writePcdBlocks } from "./compressed.ts";
import {
  fieldBytes,
  PADDING,
  type PcdData,
  type PcdField,
  type PcdHeader,
  pointBytes,
  readPcdHeader,
  writePcdHeader,
} from "./header.ts";
import { readRows, writeRows } from "../records/text_rows.ts";

export type { PcdData } from "./header.ts";

/** Options of {@linkcode encodePcd}. */
export interface EncodePcdOptions {
  /** How the points are written. @default {"binary"} */
  data?: PcdData;
}

const PACKED = ["rgb", "rgba"];

/**
 * Reads a PCD file, version 0.5 to 0.7, ascii, binary or binary_compressed.
 *
 * Fields come x, y, z first and then in the file's order, each rounded to
 * float32; a field of COUNT n above 1 becomes name_0 to name_(n-1), and padding
 * (`_`) is left out. Bytes after the last point are ignored, as PCL does.
 * Memory stays in proportion to `bytes`, whatever the header claims.
 *
 * @throws {PointsError} naming the line or byte: `empty`; `header`; `length`
 * where there are fewer bytes or numbers than promised, or they can't be
 * decompressed; `text` where a number is due; `unsupported`; `too-large`.
 */
export function decodePcd(bytes: Uint8Array): PointCloud {
  if (bytes.length === 0) {
    throw new PointsError("empty", "Cannot read PCD: the file is empty");
  }
  const header = readPcdHeader(bytes);
  const read = {
    ascii: readAscii,
    binary: readRecords,
    binary_compressed: readBlocks,
  }[header.data];
  return read(bytes, header);
}

function readAscii(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const fields = xyzFirst(recordFields(header.fields), "PCD");
  const rows = {
    format: "PCD",
    points: header.points,
    tokens: header.fields.reduce((total, { count }) => total + count, 0),
    fields,
    isPacked: ({ name, type }: FileField) =>
      PACKED.includes(name) && (type === "u4" || type === "i4"),
  };
  return cloudOf(readRows(bytes, header.body, rows), fields);
}

function readRecords(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const { points, body: { offset } } = header;
  const fields = xyzFirst(recordFields(header.fields), "PCD");
  const size = pointBytes(header.fields);
  const data = bytes.subarray(offset);
  if (points * size > data.length) {
    throw new PointsError(
      "length",
      `Cannot read PCD: ${points} points of ${size} bytes take ` +
        `${points * size} bytes from byte ${offset}, ${data.length} follow`,
    );
  }
  return cloudOf(readBits(data, fields, points), fields);
}

function readBlocks(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const { points } = header;
  const blocks = readPcdBlocks(bytes, header);
  const fields = xyzFirst(blockFields(blocks.fields, points), "PCD");
  return cloudOf(readBits(blocks.data, fields, points), fields);
}

/** Finds each value in records of one point after the other. */
function recordFields(fields: PcdField[]): FileField[] {
  const stride = pointBytes(fields);
  let offset = 0;
  let token = 0;
  return fields.flatMap((field) => {
    const values = valuesOf(field, { offset, stride, token });
    offset += fieldBytes(field);
    token += field.count;
    return values;
  });
}

/** Finds each value in blocks of one field after the other. */
function blockFields(fields: PcdField[], points: number): FileField[] {
  let offset = 0;
  return fields.flatMap((field) => {
    const stride = fieldBytes(field);
    const values = valuesOf(field, { offset, stride, token: 0 });
    offset += stride * points;
    return values;
  });
}

function valuesOf(
  { name, type, bytes, count }: PcdField,
  { offset, stride, token }: Pick<FileField, "offset" | "stride" | "token">,
): FileField[] {
  if (name === PADDING) return [];
  return Array.from({ length: count }, (_, i) => ({
    name: count === 1 ? name : `${name}_${i}`,
    type,
    offset: offset + i * bytes,
    stride,
    token: token + i,
  }));
}

/** Reads a binary form's values; those of packed colours bit for bit. */
function readBits(
  data: Uint8Array,
  fields: FileField[],
  points: number,
): Float32Array {
  const asBits = fields.map((field): FileField =>
    PACKED.includes(field.name) && field.type[1] === "4"
      ? { ...field, type: "f4" }
      : field
  );
  return readBinary(data, { fields: asBits, points, isLittleEndian: true });
}

function cloudOf(values: Float32Array, fields: FileField[]): PointCloud {
  return pointCloud(values, fields.map(({ name }) => name));
}

/**
 * Writes a PCD file, version 0.7: every field a float32, so that the binary
 * forms keep each bit; rgba, and rgb in ascii, are called uint32, as PCL does.
 * Numbers in ascii are the shortest that read back as the same float32.
 *
 * @throws {PointsError} `unsupported` for a field name that is empty, has
 * spaces or is `_`; `too-large` for more than 4 GiB to compress.
 */
export function encodePcd(
  cloud: PointCloud,
  { data = "binary" }: EncodePcdOptions = {},
): Uint8Array {
  checkNames(cloud.fields, "PCD", [PADDING]);
  const isUint = (name: string) =>
    name === "rgba" || name === "rgb" && data === "ascii";
  const header = writePcdHeader(cloud, data, isUint);
  if (data === "ascii") return writeRows(header, cloud, isUint);
  const { buffer, byteOffset, byteLength } = cloud.values;
  const body = data === "binary"
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : writePcdBlocks(cloud);
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}
