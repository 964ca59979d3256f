/** Files of values alone: interleaved, little-endian, without a header. */
import {
  copyBytes,
  createCloud,
  findField,
  type PointCloud,
} from "../cloud.ts";
import { PointsError } from "../errors.ts";
import {
  arePacked,
  areSameFields,
  type NamedType,
  numberReader,
  packFields,
  type PointField,
  typeBytes,
} from "../field.ts";

/**
 * Reads a file of values alone; no bytes are no points.
 *
 * @param layout the fields of a point, which the file doesn't say.
 * @param format what the file is, for errors.
 * @returns a view of `bytes`.
 * @throws {PointsError} `length` when the bytes are not whole points, `header`
 * for fields that a cloud can't have.
 */
export function decodeHeaderless(
  bytes: Uint8Array,
  layout: readonly NamedType[],
  format: string,
): PointCloud {
  const { fields, stride } = packFields(layout);
  const rest = bytes.length % stride;
  if (rest === 0) return createCloud({ data: bytes, fields, stride });
  throw new PointsError(
    "length",
    `Cannot read ${format}: ${bytes.length} bytes end ${rest} bytes into ` +
      `the point at byte ${bytes.length - rest}, expected points of ` +
      `${stride} bytes (${describeLayout(layout)}); another layout is named ` +
      "by --fields",
  );
}

/** A field of a file, and the cloud's field that it is made of. */
export interface WrittenField {
  to: NamedType;
  /** The name in the cloud; where there is none, zeros are written. */
  from?: string;
}

/**
 * Writes some fields of a cloud, in the types that a format has for them.
 *
 * @returns a view of the cloud's bytes where they are just what is written.
 */
export function encodeHeaderless(
  cloud: PointCloud,
  written: readonly WrittenField[],
): Uint8Array {
  const { fields, stride } = packFields(written.map(({ to }) => to));
  const sources = written.map(({ from }) =>
    from === undefined ? undefined : findField(cloud, from)
  );
  const asTheyAre = sources.filter((source) => source !== undefined);
  if (
    arePacked(asTheyAre, cloud.stride) &&
    areSameFields(sameNames(asTheyAre), sameNames(fields))
  ) return cloud.data;
  const data = new Uint8Array(cloud.points * stride);
  sources.forEach((source, i) => {
    if (source !== undefined) copyField(data, fields[i], stride, cloud, source);
  });
  return data;
}

function sameNames(fields: readonly PointField[]): PointField[] {
  return fields.map(({ type, offset }, i) => ({ name: `${i}`, type, offset }));
}

function copyField(
  data: Uint8Array,
  { type, offset }: PointField,
  stride: number,
  cloud: PointCloud,
  source: PointField,
): void {
  const { points } = cloud;
  const from = { offset: source.offset, stride: cloud.stride };
  if (type === source.type) {
    const bytes = typeBytes(type);
    return copyBytes(data, { offset, stride }, cloud.data, from, {
      bytes,
      points,
    });
  }
  const read = numberReader(source.type);
  const view = new DataView(cloud.data.buffer, cloud.data.byteOffset);
  const out = new DataView(data.buffer);
  for (let i = 0, at = from.offset, to = offset; i < points; i++) {
    out.setFloat32(to, read(view, at), true);
    at += from.stride;
    to += stride;
  }
}

/** Says a layout as people read it: `float32 x y z, uint16 ring`. */
function describeLayout(layout: readonly NamedType[]): string {
  let type = "";
  return layout.map((field, i) => {
    const before = i === 0 ? "" : type === field.type ? " " : ", ";
    const named = type === field.type ? "" : `${field.type} `;
    type = field.type;
    return before + named + field.name;
  }).join("");
}
