/**
 * PCL's Point Cloud Data files
 * (https://pointclouds.org/documentation/tutorials/pcd_file_format.html).
 * Numbers in the binary forms are little-endian.
 *
 * A field called rgb or rgba is PCL's packed colour: its 32 bits are the
 * colour, whatever their TYPE.
 */
import { createCloud, pack, type PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  checkNames,
  checkXyz,
  joinFile,
  viewRecords,
} from "../records/record.ts";
import { readRows, writeRows } from "../records/text_rows.ts";
import { spellForPcd } from "../records/translate.ts";
import { narrowColor, storeColor } from "./color.ts";
import { readCompressed, writeCompressed } from "./compressed.ts";
import {
  PADDING,
  type PcdData,
  type PcdHeader,
  readPcdHeader,
  writePcdHeader,
} from "./header.ts";
import { type PcdLayout, pcdLayout } from "./layout.ts";

export type { PcdData } from "./header.ts";

/** Options of {@linkcode encodePcd}. */
export interface EncodePcdOptions {
  /** How the points are written. @default {"binary"} */
  data?: PcdData;
}

/**
 * Reads a PCD file, version 0.5 to 0.7, ascii, binary or binary_compressed.
 *
 * Fields come in the file's order and types. One of COUNT n above 1 becomes
 * name_0 to name_(n-1), but rgb of three bytes r, g, b; a name that came before
 * gets a number, name_2. Padding (`_`) is no field. Bytes after the last point
 * are ignored, as PCL does. Memory stays in proportion to `bytes`, whatever the
 * header claims.
 *
 * @returns a cloud whose data is a view of `bytes` in the binary form.
 * @throws {PointsError} naming the line or byte: `empty`; `header`; `length`
 * where there are fewer bytes or numbers than promised, or they can't be
 * decompressed; `text` where a number of the field's type is due;
 * `unsupported`; `too-large`.
 */
export function decodePcd(bytes: Uint8Array): PointCloud {
  if (bytes.length === 0) {
    throw new PointsError("empty", "Cannot read PCD: the file is empty");
  }
  const header = readPcdHeader(bytes);
  const read = {
    ascii: readAscii,
    binary: readBinary,
    binary_compressed: readBlocks,
  }[header.data];
  return narrowColor(read(bytes, header));
}

function readAscii(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const { points, height, viewpoint, body } = header;
  const { fields, stride, tokens } = layoutOf(header);
  const rows = {
    format: "PCD",
    what: "points",
    count: points,
    mayWrap: false,
    tokens,
    stride,
  };
  const { data } = readRows(bytes, body, rows);
  return createCloud({ fields, stride, height, viewpoint, data });
}

function readBinary(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const { offset } = header.body;
  const records = { ...header, ...layoutOf(header) };
  return viewRecords(bytes.subarray(offset), records, {
    format: "PCD",
    offset,
  });
}

function readBlocks(bytes: Uint8Array, header: PcdHeader): PointCloud {
  const { height, viewpoint } = header;
  const { fields: written, data } = readCompressed(bytes, header);
  const { fields, stride } = layoutOf({ fields: written });
  return createCloud({ fields, stride, height, viewpoint, data });
}

function layoutOf({ fields }: Pick<PcdHeader, "fields">): PcdLayout {
  const layout = pcdLayout(fields);
  checkXyz(layout.fields, "PCD");
  return layout;
}

/**
 * Writes a PCD file, version 0.7, every field in its type; colour and normals
 * are spelled as PCL does: rgb, a float32 but uint32 in ascii, or rgba, uint32,
 * in place of channels of 8 bits; normal_x in place of nx. Numbers in ascii are
 * the shortest that read back as the same; a NaN is written as nan there.
 *
 * @throws {PointsError} `unsupported` for a field name that is empty, has
 * spaces or is `_`; `too-large` for more than 4 GiB to compress.
 */
export function encodePcd(
  cloud: PointCloud,
  { data = "binary" }: EncodePcdOptions = {},
): Uint8Array {
  const stored = pack(storeColor(spellForPcd(cloud), data));
  checkNames(stored.fields.map(({ name }) => name), "PCD", [PADDING]);
  const header = writePcdHeader(stored, data);
  if (data === "ascii") return writeRows(header, stored);
  const body = data === "binary" ? stored.data : writeCompressed(stored);
  return joinFile(header, body);
}

/**
 * Says, a sentence each, what of a cloud a PCD file can't hold: nothing, as
 * PCD has every type, rows and a viewpoint.
 */
export function pcdLosses(_cloud: PointCloud): string[] {
  return [];
}
