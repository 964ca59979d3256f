/**
 * Stanford's PLY files, version 1.0 (Turk 1994): a cloud is the element vertex,
 * and each of its properties a field.
 */
import { createCloud, namesOf, pack, type PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { packFields, type PointField } from "../field.ts";
import { headerError } from "../records/header_lines.ts";
import {
  checkNames,
  checkXyz,
  joinFile,
  swapRecords,
  uniqueNames,
  viewRecords,
} from "../records/record.ts";
import { readRows, type TextToken, writeRows } from "../records/text_rows.ts";
import { spellForPly } from "../records/translate.ts";
import { dropLists, singlesOf, skipElement } from "./elements.ts";
import {
  type PlyElement,
  type PlyFormat,
  type PlyHeader,
  readPlyHeader,
  writePlyHeader,
} from "./header.ts";
import { doubleLongs, longLosses } from "./longs.ts";

export type { PlyFormat } from "./header.ts";

/** Options of {@linkcode encodePly}. */
export interface EncodePlyOptions {
  /** How the points are written. @default {"binary_little_endian"} */
  format?: PlyFormat;
}

/**
 * Reads the vertices of a PLY file: ascii or binary, of either byte order.
 *
 * Fields come in the file's order and types; a name that came before gets a
 * number, name_2. Lists among them and elements before the vertices are
 * skipped, what follows is ignored. obj_info num_cols and num_rows are the
 * cloud's rows where they fit its points. Memory stays in proportion to
 * `bytes`, whatever the header claims.
 *
 * @returns a cloud whose data is a view of `bytes` where the file is
 * little-endian and without lists.
 * @throws {PointsError} naming the line or byte: `empty`; `header`; `length`
 * where there are fewer bytes or numbers than promised; `text` where a number
 * of the property's type is due; `unsupported`.
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
  const file = {
    header,
    before: header.elements.slice(0, index),
    vertex,
    ...vertexFields(vertex),
  };
  const read = header.format === "ascii" ? readAscii : readBinary;
  return read(bytes, file);
}

/** A file's header, and what of it leads to the points. */
interface PlyFile {
  header: PlyHeader;
  /** The elements before the vertices. */
  before: PlyElement[];
  vertex: PlyElement;
  fields: PointField[];
  /** Bytes of a vertex, without its lists. */
  stride: number;
}

function vertexFields(vertex: PlyElement) {
  const singles = singlesOf(vertex);
  const names = uniqueNames(singles.map(({ name }) => name));
  const layout = packFields(
    singles.map(({ type }, i) => ({ name: names[i], type })),
  );
  checkXyz(layout.fields, "PLY");
  return layout;
}

/** Returns the cloud's rows: those of a grid that has all of its points. */
function rowsOf({ header: { grid }, vertex }: PlyFile): number {
  const { num_cols = 0, num_rows = 0 } = grid;
  const isWhole = vertex.count > 0 && num_cols * num_rows === vertex.count;
  return isWhole ? num_rows : 1;
}

function readAscii(bytes: Uint8Array, file: PlyFile): PointCloud {
  const { header, before, vertex, fields, stride } = file;
  let from = header.body;
  for (const element of before) {
    from = readRows(bytes, from, {
      ...textOf(element),
      what: `of element ${element.name}`,
      stride: 0,
    }).end;
  }
  const { data } = readRows(bytes, from, {
    ...textOf(vertex, fields),
    what: "points",
    stride,
  });
  return createCloud({ fields, stride, height: rowsOf(file), data });
}

/** Says how an element stands in ascii; only those in `fields` are wanted. */
function textOf(
  { count, properties }: PlyElement,
  fields: readonly PointField[] = [],
) {
  let single = 0;
  const tokens = properties.map(({ countType }): TextToken => {
    if (countType !== undefined) return { kind: "list" };
    const field = fields.at(single++);
    return field === undefined ? { kind: "skip" } : { kind: "value", field };
  });
  return { format: "PLY", count, mayWrap: true, tokens };
}

function readBinary(bytes: Uint8Array, file: PlyFile): PointCloud {
  const { header, before, vertex, fields, stride } = file;
  const isLittleEndian = header.format === "binary_little_endian";
  const offset = before.reduce(
    (offset, element) =>
      skipElement(bytes, element, { offset, isLittleEndian }),
    header.body.offset,
  );
  const hasLists = fields.length < vertex.properties.length;
  const data = hasLists
    ? dropLists(bytes, vertex, { offset, isLittleEndian })
    : bytes.subarray(offset);
  const cloud = viewRecords(
    data,
    { fields, stride, points: vertex.count, height: rowsOf(file) },
    { format: "PLY", offset },
  );
  if (isLittleEndian) return cloud;
  return { ...cloud, data: swapRecords(cloud.data, fields, stride) };
}

/**
 * Writes a PLY file of vertices, every property in its type; colour and normals
 * are spelled as PLY does: `uchar red green blue` in place of packed colour,
 * `alpha` beside them where that is rgba, `nx` in place of normal_x. Rows are
 * written as obj_info num_cols and num_rows. Numbers in ascii are the shortest
 * that read back as the same; NaN is written nan, which not every reader takes.
 *
 * What {@linkcode plyLosses} names is lost.
 *
 * @throws {PointsError} `unsupported` for a field name that is empty or has
 * spaces.
 */
export function encodePly(
  cloud: PointCloud,
  { format = "binary_little_endian" }: EncodePlyOptions = {},
): Uint8Array {
  const stored = pack(doubleLongs(spellForPly(cloud)));
  const { fields, stride, data } = stored;
  checkNames(namesOf(fields), "PLY");
  const header = writePlyHeader(format, stored);
  if (format === "ascii") return writeRows(header, stored);
  const isSwapped = format === "binary_big_endian";
  return joinFile(header, isSwapped ? swapRecords(data, fields, stride) : data);
}

/**
 * Says, a sentence each, what of a cloud a PLY file can't hold: 64-bit integers
 * and a viewpoint.
 */
export function plyLosses(cloud: PointCloud): string[] {
  const losses = longLosses(spellForPly(cloud));
  return cloud.viewpoint === undefined
    ? losses
    : [...losses, "PLY has no viewpoint: the cloud's is left out"];
}
