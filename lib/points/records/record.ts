/** What a point is in a PCD or PLY file: its values, one after the other. */
import { createCloud, type PointCloud, type Pose } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { type NamedType, type PointField, typeBytes, XYZ } from "../field.ts";

/** A file's points: how each is laid out, and how many there are. */
export interface FileRecords {
  /** The cloud's fields, at their places in a record. */
  fields: readonly PointField[];
  /** Bytes of a record. */
  stride: number;
  points: number;
  /** Rows of the cloud. */
  height: number;
  viewpoint?: Pose;
}

/**
 * Gives each name that came before a number: `intensity`, `intensity_2`.
 *
 * @returns the names, each once, in the same order.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    let unique = name;
    if (seen.has(name)) {
      let number = next.get(name) ?? 2;
      while (taken.has(unique = `${name}_${number}`)) number++;
      next.set(name, number + 1);
    }
    seen.add(name);
    taken.add(unique);
    return unique;
  });
}

/**
 * Checks that a file's fields are a cloud's.
 *
 * @throws {PointsError} `header` when one of x, y, z is missing.
 */
export function checkXyz(fields: readonly NamedType[], format: string): void {
  const names = fields.map(({ name }) => name);
  const missing = XYZ.find((name) => !names.includes(name));
  if (missing === undefined) return;
  throw new PointsError(
    "header",
    `Cannot read ${format}: no field ${missing}; expected x, y and z, ` +
      `got ${names.join(", ") || "none"}`,
  );
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

/**
 * Views records as a cloud, without copying them.
 *
 * @param data starts with the first record; what follows the last is ignored.
 * @throws {PointsError} `length` when there are fewer bytes than promised.
 */
export function viewRecords(
  data: Uint8Array,
  { points, ...layout }: FileRecords,
  { format, offset }: {
    format: string;
    /** Where in the file `data` starts, for the error. */
    offset: number;
  },
): PointCloud {
  const size = points * layout.stride;
  if (size <= data.length) {
    return createCloud({ ...layout, data: data.subarray(0, size) });
  }
  throw new PointsError(
    "length",
    `Cannot read ${format}: ${points} points of ${layout.stride} bytes take ` +
      `${size} bytes from byte ${offset}, ${data.length} follow`,
  );
}

/**
 * Turns the bytes of each value round.
 *
 * @returns a copy, in which padding is 0.
 */
export function swapRecords(
  records: Uint8Array,
  fields: readonly PointField[],
  stride: number,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = records;
  const view = new DataView(buffer, byteOffset, length);
  const swapped = new Uint8Array(length);
  const out = new DataView(swapped.buffer);
  for (const { type, offset } of fields) {
    const swap = SWAPS[typeBytes(type)];
    for (let at = offset; at < length; at += stride) swap(out, view, at);
  }
  return swapped;
}

const SWAPS = {
  1: (out: DataView, view: DataView, at: number) =>
    out.setUint8(at, view.getUint8(at)),
  2: (out: DataView, view: DataView, at: number) =>
    out.setUint16(at, view.getUint16(at, false), true),
  4: (out: DataView, view: DataView, at: number) =>
    out.setUint32(at, view.getUint32(at, false), true),
  8: (out: DataView, view: DataView, at: number) => {
    out.setUint32(at, view.getUint32(at + 4, false), true);
    out.setUint32(at + 4, view.getUint32(at, false), true);
  },
};

/** Joins a header and what follows it. */
export function joinFile(
  header: Uint8Array,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}
