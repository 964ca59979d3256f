/** Writes LAS files (ASPRS LAS 1.4-R15): points of format 6, or 7 in colour. */
import { copyBytes, findField, type PointCloud, viewOf } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { numberReader, type PointField, typeBytes, XYZ } from "../field.ts";
import { axisOf, type LasAxis } from "./axis.ts";
import { describeExtraFields } from "./extra_fields.ts";
import { LARGE_HEADER_BYTES, writeLasHeader } from "./header.ts";
import { type Channel, layoutOf, placedPoints } from "./layout.ts";
import { LAS_COLOR, type LasField } from "./record.ts";

/** Step of positions, metres. */
export const DEFAULT_STEP = 0.001;

/** Options of {@linkcode encodeLas}. */
export interface EncodeLasOptions {
  /**
   * Step that positions are rounded to, metres; a larger one where they would
   * be more than 32 bits. @default {0.001}
   */
  resolution?: number;
}

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
 * Positions are rounded. Colour of 8 or 16 bits is LAS's, and so are fields of
 * LAS's names and types, such as `intensity` of uint16 and `return_number`
 * below 16; every other field keeps its type, as one that the file describes
 * itself ("extra bytes"), with a number after a name that LAS has.
 *
 * @throws {PointsError} `unsupported` for more fields than a file describes.
 */
export function encodeLas(
  cloud: PointCloud,
  { resolution = DEFAULT_STEP }: EncodeLasOptions = {},
): Uint8Array<ArrayBuffer> {
  const placed = placedPoints(cloud);
  const { points } = placed;
  const { format, standard, copied, colors, extra, names } = layoutOf(placed);
  const stride = extra.reduce(
    (sum, { type }) => sum + typeBytes(type),
    standard.bytes,
  );
  checkSize(extra.length, stride);
  const description = extra.length === 0 ? new Uint8Array() : (
    describeExtraFields(extra.map(({ type }, i) => ({ name: names[i], type })))
  );
  const offset = LARGE_HEADER_BYTES + description.length;
  const file = new Uint8Array(offset + points * stride);
  file.set(description, LARGE_HEADER_BYTES);
  const records = { bytes: file.subarray(offset), stride };
  const axes = XYZ.map((name) => axisOf(placed, name, resolution));
  axes.forEach((axis, i) =>
    writeAxis(records, placed, { name: XYZ[i], offset: 4 * i, axis })
  );
  writeLasHeader(file, {
    ...{ format, stride, points, offset, axes },
    records: Math.min(1, extra.length),
  });
  for (let i = 0; i < points; i++) {
    records.bytes[i * stride + RETURNS.offset] = RETURNS.firstOfOne;
  }
  for (const field of copied) {
    const source = findField(placed, field.name)!;
    if (field.bits === undefined) {
      copyField(records, field.offset, placed, source);
    } else writeBits(records, field, placed, source);
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

/** Writes coordinates as whole numbers, times a factor, plus another. */
function writeAxis(
  { bytes, stride }: Records,
  cloud: PointCloud,
  { name, offset, axis: { scale, origin } }: {
    name: string;
    offset: number;
    axis: LasAxis;
  },
): void {
  const { type, offset: from } = findField(cloud, name)!;
  const read = numberReader(type);
  const source = viewOf(cloud);
  const target = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < cloud.points; i++) {
    const value = read(source, i * cloud.stride + from);
    const steps = Math.round((value - origin) / scale);
    target.setInt32(i * stride + offset, steps, true);
  }
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

/** Writes values into some bits of a byte, and leaves the others. */
function writeBits(
  { bytes, stride }: Records,
  { offset, bits }: LasField,
  { data, points, stride: step }: PointCloud,
  source: PointField,
): void {
  const { shift, mask } = bits!;
  let to = offset, at = source.offset;
  for (let i = 0; i < points; i++, to += stride, at += step) {
    bytes[to] = bytes[to] & ~(mask << shift) | data[at] << shift;
  }
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
