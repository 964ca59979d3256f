/**
 * Stanford's PLY files, version 1.0 (Turk 1994): a cloud is the element vertex,
 * and each of its properties a field.
 */
import { type PointCloud, pointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  checkNames,
  type FileField,
  readBinary,
  scalarBytes,
  xyzFirst,
} from "../records/fields.ts";
import { headerError } from "../records/header_lines.ts";
import {
  type PlyElement,
  type PlyFormat,
  type PlyHeader,
  readPlyHeader,
  writePlyHeader,
} from "./header.ts";
import { skipElement } from "./skip.ts";
import { readRows, skipRows, writeRows } from "../records/text_rows.ts";

export type { PlyFormat } from "./header.ts";

/** Options of {@linkcode encodePly}. */
export interface EncodePlyOptions {
  /** How the points are written. @default {"binary_little_endian"} */
  format?: PlyFormat;
}

/**
 * Reads the vertices of a PLY file: ascii, with one element a line, or binary
 * of either byte order.
 *
 * Fields come x, y, z first and then in the file's order, each rounded to
 * float32. Elements before the vertices are skipped, what follows is ignored.
 * Memory stays in proportion to `bytes`, whatever the header claims.
 *
 * @throws {PointsError} naming the line or byte: `empty`; `header`; `length`
 * where there are fewer bytes or numbers than promised; `text` where a number
 * is due; `unsupported`, for a list among the vertices' properties too.
 */
export function decodePly(bytes: Uint8Array): PointCloud {
  if (bytes.length === 0) {
    throw new PointsError("empty", "Cannot read PLY: the file is empty");
  }
  const header = readPlyHeader(bytes);
  const index = header.elements.findIndex(({ name }) => name === "vertex");
  if (index < 0) {
    throw headerError("PLY", header.body.line - 1, "expected element vertex");
  }
  const vertex = header.elements[index];
  const fields = xyzFirst(vertexFields(vertex), "PLY");
  const before = header.elements.slice(0, index);
  const file = { header, before, vertex, fields };
  const values = header.format === "ascii"
    ? readAscii(bytes, file)
    : readRecords(bytes, file);
  return pointCloud(values, fields.map(({ name }) => name));
}

/** A file's header, and what of it leads to the points. */
interface PlyFile {
  header: PlyHeader;
  /** The elements before the vertices. */
  before: PlyElement[];
  vertex: PlyElement;
  /** The vertices' fields, in the cloud's order. */
  fields: FileField[];
}

function vertexFields({ properties }: PlyElement): FileField[] {
  const list = properties.find(({ countType }) => countType !== undefined);
  if (list !== undefined) {
    throw new PointsError(
      "unsupported",
      `Cannot read PLY: unsupported list ${list.name} among the properties of ` +
        `vertex, expected single values`,
    );
  }
  const stride = recordBytes(properties);
  let offset = 0;
  return properties.map(({ name, type }, token) => {
    const field = { name, type, offset, stride, token };
    offset += scalarBytes(type);
    return field;
  });
}

function recordBytes(properties: PlyElement["properties"]): number {
  return properties.reduce((total, { type }) => total + scalarBytes(type), 0);
}

function readAscii(
  bytes: Uint8Array,
  { header, before, vertex, fields }: PlyFile,
): Float32Array {
  const lines = before.filter(({ properties }) => properties.length > 0)
    .reduce((total, { count }) => total + count, 0);
  const rows = {
    format: "PLY",
    points: vertex.count,
    tokens: vertex.properties.length,
    fields,
    isPacked: () => false,
  };
  return readRows(bytes, skipRows(bytes, header.body, lines), rows);
}

function readRecords(
  bytes: Uint8Array,
  { header, before, vertex, fields }: PlyFile,
): Float32Array {
  const isLittleEndian = header.format === "binary_little_endian";
  const offset = before.reduce(
    (offset, element) =>
      skipElement(bytes, element, { offset, isLittleEndian }),
    header.body.offset,
  );
  const size = recordBytes(vertex.properties);
  const data = bytes.subarray(offset);
  if (vertex.count * size > data.length) {
    throw new PointsError(
      "length",
      `Cannot read PLY: ${vertex.count} vertices of ${size} bytes take ` +
        `${vertex.count * size} bytes from byte ${offset}, ${data.length} ` +
        `follow`,
    );
  }
  return readBinary(data, { fields, points: vertex.count, isLittleEndian });
}

/**
 * Writes a PLY file of vertices, every property a float, so that the binary
 * forms keep each bit. Numbers in ascii are the shortest that read back as the
 * same float32; NaN is written nan, which not every reader takes.
 *
 * @throws {PointsError} `unsupported` for a field name that is empty or has
 * spaces.
 */
export function encodePly(
  cloud: PointCloud,
  { format = "binary_little_endian" }: EncodePlyOptions = {},
): Uint8Array {
  checkNames(cloud.fields, "PLY");
  const header = writePlyHeader(format, cloud.points, cloud.fields);
  if (format === "ascii") return writeRows(header, cloud);
  const { buffer, byteOffset, byteLength } = cloud.values;
  const body = new Uint8Array(buffer, byteOffset, byteLength);
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(
    format === "binary_big_endian" ? swapped(body) : body,
    header.length,
  );
  return file;
}

/** Copies 4-byte words with their bytes the other way round. */
function swapped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const words = new Uint32Array(copy.buffer);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    words[i] = word << 24 | (word & 0xff00) << 8 | word >>> 8 & 0xff00 |
      word >>> 24;
  }
  return copy;
}
