/** Writes LAS files (ASPRS LAS 1.4-R15): points of format 6, or 7 in colour. */
import { copyBytes, findField, type PointCloud, viewOf } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { numberReader, type PointField, typeBytes, XYZ } from "../field.ts";
import { findColor } from "../meaning.ts";
import { uniqueNames } from "../records/record.ts";
import { describeExtraFields } from "./extra_fields.ts";
import { LARGE_HEADER_BYTES, writeLasHeader } from "./header.ts";
import { LAS_COLOR, lasFields } from "./record.ts";

/** Options of {@linkcode encodeLas}. */
export interface EncodeLasOptions {
  /**
   * Step that positions are rounded to, metres; a larger one where they would
   * be more than 32 bits. @default {0.001}
   */
  resolution?: number;
}

/** A file's own fields that a cloud's are copied to where the types agree. */
const COPIED = [
  ...["intensity", "classification", "user_data", "point_source_id"],
  "gps_time",
];

/** The most that a whole number may be, with room for rounding. */
const MAX_STEPS = 2 ** 31 - 16;

/** Where the bits of returns are, and those of the first of one. */
const RETURNS = { offset: 14, firstOfOne: 0x11 };

/** Most fields that a file describes, and bytes of a point. */
const MAX_EXTRA = 341;
const MAX_STRIDE = 0xffff;

/** Records of points in a file. */
interface Records {
  bytes: Uint8Array;
  stride: number;
}

/**
 * Writes the points of a cloud that have a place.
 *
 * Positions are rounded. Colour of 8 or 16 bits is LAS's, and so are
 * `intensity`, `classification`, `user_data`, `point_source_id` and `gps_time`
 * of LAS's types; every other field keeps its type, as one that the file
 * describes itself ("extra bytes"), with a number after a name that LAS has.
 *
 * @throws {PointsError} `unsupported` for more fields than a file describes.
 */
export function encodeLas(
  cloud: PointCloud,
  { resolution = 0.001 }: EncodeLasOptions = {},
): Uint8Array<ArrayBuffer> {
  const placed = dropUnplaced(cloud);
  const { fields, points } = placed;
  const colors = colorOf(fields);
  const format = colors === undefined ? 6 : 7;
  const standard = lasFields(format);
  const copied = standard.fields.filter(({ name, type }) =>
    COPIED.includes(name) && findField(placed, name)?.type === type
  );
  const taken = [...XYZ, ...copied.map(({ name }) => name)];
  const extra = fields.filter((field) =>
    !taken.includes(field.name) && !colors?.fields.includes(field)
  );
  const stride = extra.reduce(
    (sum, { type }) => sum + typeBytes(type),
    standard.bytes,
  );
  checkSize(extra.length, stride);
  const names = uniqueNames([...standard.fields, ...extra].map((f) => f.name))
    .slice(standard.fields.length);
  const description = extra.length === 0 ? new Uint8Array() : (
    describeExtraFields(extra.map(({ type }, i) => ({ name: names[i], type })))
  );
  const offset = LARGE_HEADER_BYTES + description.length;
  const file = new Uint8Array(offset + points * stride);
  file.set(description, LARGE_HEADER_BYTES);
  const records = { bytes: file.subarray(offset), stride };
  const axes = XYZ.map((name, i) =>
    writeAxis(records, placed, { name, offset: 4 * i, resolution })
  );
  writeLasHeader(file, {
    ...{ format, stride, points, offset, axes },
    records: Math.min(1, extra.length),
  });
  for (let i = 0; i < points; i++) {
    records.bytes[i * stride + RETURNS.offset] = RETURNS.firstOfOne;
  }
  for (const { name, offset } of copied) {
    copyField(records, offset, placed, findField(placed, name)!);
  }
  colors?.channels.forEach((channel, i) => {
    const { offset } = findField(standard, LAS_COLOR[i])!;
    writeColor(records, offset, placed, channel);
  });
  let at = standard.bytes;
  for (const field of extra) {
    copyField(records, at, placed, field);
    at += typeBytes(field.type);
  }
  return file;
}

/** A channel of colour: a byte, or two. */
interface Channel {
  offset: number;
  bytes: 1 | 2;
}

/** Finds colour whose bits LAS can hold, and the fields that it is in. */
function colorOf(
  fields: readonly PointField[],
): { fields: PointField[]; channels: Channel[] } | undefined {
  const color = findColor(fields);
  if (color === undefined) return undefined;
  if (color.kind === "packed") {
    const { field, hasAlpha } = color;
    const channels = [2, 1, 0].map((byte): Channel => ({
      offset: field.offset + byte,
      bytes: 1,
    }));
    // Its alpha has no place but its own.
    return { fields: hasAlpha ? [] : [field], channels };
  }
  const { red, green, blue } = color;
  const bytes = red.type === "uint8" ? 1 : red.type === "uint16" ? 2 : 0;
  if (bytes === 0) return undefined;
  const all = [red, green, blue];
  return {
    fields: all,
    channels: all.map(({ offset }) => ({ offset, bytes })),
  };
}

/** Leaves out what has no place: LAS has no number that says so. */
function dropUnplaced(cloud: PointCloud): PointCloud {
  const view = viewOf(cloud);
  const { stride, points, data } = cloud;
  const readers = XYZ.map((name) => {
    const { type, offset } = findField(cloud, name)!;
    const read = numberReader(type);
    return (at: number) => read(view, at + offset);
  });
  const isPlaced = (i: number) =>
    readers.every((read) => Number.isFinite(read(i * stride)));
  const kept = Array.from({ length: points }, (_, i) => i).filter(isPlaced);
  if (kept.length === points) return cloud;
  const packed = new Uint8Array(kept.length * stride);
  kept.forEach((i, to) =>
    packed.set(data.subarray(i * stride, (i + 1) * stride), to * stride)
  );
  return {
    ...cloud,
    ...{ data: packed, points: kept.length, width: kept.length, height: 1 },
  };
}

/** What a header says of an axis. */
interface LasAxis {
  scale: number;
  origin: number;
  min: number;
  max: number;
}

/** Writes coordinates as whole numbers, times a factor, plus another. */
function writeAxis(
  { bytes, stride }: Records,
  cloud: PointCloud,
  { name, offset, resolution }: {
    name: string;
    offset: number;
    resolution: number;
  },
): LasAxis {
  const { points } = cloud;
  if (points === 0) return { scale: resolution, origin: 0, min: 0, max: 0 };
  const { type, offset: from } = findField(cloud, name)!;
  const read = numberReader(type);
  const source = viewOf(cloud);
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < points; i++) {
    const value = read(source, i * cloud.stride + from);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const origin = Math.floor(min / 2 + max / 2);
  const reach = Math.max(max - origin, origin - min);
  const scale = Math.max(resolution, reach / MAX_STEPS);
  const target = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < points; i++) {
    const value = read(source, i * cloud.stride + from);
    const steps = Math.round((value - origin) / scale);
    target.setInt32(i * stride + offset, steps, true);
  }
  return { scale, origin, min, max };
}

function copyField(
  { bytes, stride }: Records,
  offset: number,
  cloud: PointCloud,
  field: PointField,
): void {
  const from = { offset: field.offset, stride: cloud.stride };
  copyBytes(bytes, { offset, stride }, cloud.data, from, {
    bytes: typeBytes(field.type),
    points: cloud.points,
  });
}

/** Colour of 8 bits fills 16: each byte twice. */
function writeColor(
  { bytes, stride }: Records,
  offset: number,
  cloud: PointCloud,
  channel: Channel,
): void {
  const from = { offset: channel.offset, stride: cloud.stride };
  const { points, data } = cloud;
  if (channel.bytes === 2) {
    const size = { bytes: channel.bytes, points };
    return copyBytes(bytes, { offset, stride }, data, from, size);
  }
  for (const byte of [0, 1]) {
    const to = { offset: offset + byte, stride };
    copyBytes(bytes, to, data, from, { bytes: 1, points });
  }
}

function checkSize(extra: number, stride: number): void {
  if (extra <= MAX_EXTRA && stride <= MAX_STRIDE) return;
  throw new PointsError(
    "unsupported",
    `Cannot write LAS: ${extra} fields beyond its own and ${stride} bytes a ` +
      `point; a file holds ${MAX_EXTRA} and ${MAX_STRIDE}`,
  );
}
