/**
 * How much of a stream one file is, told by its header: what lets files follow
 * one another without anything between them.
 */
import { PointsError } from "./errors.ts";
import { parseDtype } from "./npy/dtype.ts";
import { isNpy, readNpyHeader } from "./npy/header.ts";
import { pointBytes, readPcdHeader } from "./pcd/header.ts";
import { type PlyElement, readPlyHeader } from "./ply/header.ts";
import { typeBytes } from "./field.ts";
import { textStart } from "./records/header_lines.ts";

/** The formats that say how long they are. */
export type StreamFormat = ".npy" | ".pcd" | ".ply";

/** How a file goes on after its header. */
export type Extent =
  /** To this byte, counted from the file's first. */
  | { bytes: number }
  /** So many lines from this byte on, blank ones not counted. */
  | { from: number; lines: number };

/** Bytes that tell the format of a file, of which a mark may take three. */
export const SNIFF_BYTES = 8;

/** The longest header that is looked for. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** Bytes of the sizes before the points of binary_compressed PCD. */
const PCD_SIZES_BYTES = 8;

/** Tells a file's format by its first bytes; nothing for raw points. */
export function sniffFormat(start: Uint8Array): StreamFormat | undefined {
  if (isNpy(start)) return ".npy";
  const text = new TextDecoder("latin1")
    .decode(start.subarray(textStart(start)));
  if (/^ply[\r\n]/.test(text)) return ".ply";
  if (/^(# ?\.PCD|VERSI|FIELD|# )/.test(text)) return ".pcd";
}

/**
 * Finds the end of a file whose first bytes these are.
 *
 * @returns nothing where more bytes are needed to tell.
 * @throws {PointsError} for a header that can't be read, or is longer than 64
 * KiB; `unsupported` for a file whose length its header doesn't tell.
 */
export function findExtent(
  format: StreamFormat,
  start: Uint8Array,
): Extent | undefined {
  const header = wholeHeader(format, start);
  if (header === undefined) {
    if (start.length < MAX_HEADER_BYTES) return undefined;
    throw new PointsError(
      "header",
      `Cannot read ${format}: its header has no end within ` +
        `${MAX_HEADER_BYTES} bytes`,
    );
  }
  switch (format) {
    case ".npy":
      return extentOfNpy(header);
    case ".pcd":
      return extentOfPcd(header, start);
    case ".ply":
      return extentOfPly(header);
  }
}

/** The bytes of a header, once all of them are there. */
function wholeHeader(
  format: StreamFormat,
  start: Uint8Array,
): Uint8Array | undefined {
  const bytes = start.subarray(0, MAX_HEADER_BYTES);
  if (format === ".npy") {
    if (bytes.length < 12) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = bytes[6] === 1
      ? 10 + view.getUint16(8, true)
      : 12 + view.getUint32(8, true);
    return bytes.length < end ? undefined : bytes.subarray(0, end);
  }
  const last = format === ".pcd" ? /^DATA[ \t].*\n/m : /^end_header[ \t\r]*\n/m;
  const text = new TextDecoder("latin1").decode(bytes);
  const found = last.exec(text);
  return found === null
    ? undefined
    : bytes.subarray(0, found.index + found[0].length);
}

function extentOfNpy(header: Uint8Array): Extent {
  const { descr, shape, offset } = readNpyHeader(header);
  const { bytes } = parseDtype(descr);
  return { bytes: offset + shape.reduce((all, n) => all * n, bytes) };
}

function extentOfPcd(
  header: Uint8Array,
  start: Uint8Array,
): Extent | undefined {
  const { data, points, fields, body: { offset } } = readPcdHeader(header);
  switch (data) {
    case "ascii":
      return { from: offset, lines: points };
    case "binary":
      return { bytes: offset + points * pointBytes(fields) };
    case "binary_compressed": {
      if (start.length < offset + PCD_SIZES_BYTES) return undefined;
      const view = new DataView(start.buffer, start.byteOffset);
      const compressed = view.getUint32(offset, true);
      return { bytes: offset + PCD_SIZES_BYTES + compressed };
    }
  }
}

function extentOfPly(header: Uint8Array): Extent {
  const { format, elements, body: { offset } } = readPlyHeader(header);
  if (format === "ascii") {
    const lines = elements.filter(({ properties }) => properties.length > 0)
      .reduce((all, { count }) => all + count, 0);
    return { from: offset, lines };
  }
  return {
    bytes: offset + elements.reduce((all, e) => all + elementBytes(e), 0),
  };
}

function elementBytes({ name, count, properties }: PlyElement): number {
  const list = properties.find(({ countType }) => countType !== undefined);
  if (list !== undefined && count > 0) {
    throw new PointsError(
      "unsupported",
      `Cannot read PLY from a stream: element ${name} has the list ` +
        `${list.name}, whose length nobody says before; write it as ascii, or ` +
        "without that element",
    );
  }
  return count * properties.reduce((all, p) => all + typeBytes(p.type), 0);
}
