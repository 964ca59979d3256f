/** Colours as the graphics card takes them: red, green, blue and 255. */
import type { PointCloud } from "../points/cloud.ts";
import {
  type FieldType,
  isFloat,
  numberReader,
  type PointField,
  typeBytes,
} from "../points/field.ts";
import type { ColorFields } from "../points/meaning.ts";

type Channels = Extract<ColorFields, { kind: "channels" }>;

/** Points that are looked at to tell how large the numbers of colours are. */
const SAMPLE = 1024;

/** How the colours of a cloud's points are made of its fields. */
export interface ColorRule {
  color: ColorFields;
  /** What makes 0 to 255 of a channel's numbers. */
  scale: number;
}

/** Finds how the colours of a cloud are made, which all of it decides. */
export function colorRule(cloud: PointCloud, color: ColorFields): ColorRule {
  return {
    color,
    scale: color.kind === "packed" ? 1 : scaleOf(cloud, color),
  };
}

/**
 * Writes the colours of points, each as the bytes red, green, blue, 255. What
 * alpha a colour has is not drawn.
 */
export function packColors(
  cloud: PointCloud,
  { color, scale }: ColorRule,
  target: Uint32Array,
): void {
  if (color.kind === "packed") return packBits(cloud, color.field, target);
  switch (color.red.type) {
    case "uint8":
      return packBytes(cloud, color, target);
    case "uint16":
      return packShorts(cloud, { color, scale }, target);
    default:
      packNumbers(cloud, { color, scale }, target);
  }
}

function packBits(
  { data, stride, points }: PointCloud,
  { offset }: PointField,
  target: Uint32Array,
): void {
  const start = data.byteOffset + offset;
  if (start % 4 === 0 && stride % 4 === 0) {
    const length = Math.floor((data.length - offset) / 4);
    const bits = new Uint32Array(data.buffer, start, length);
    const step = stride / 4;
    for (let i = 0, at = 0; i < points; i++, at += step) {
      target[i] = swap(bits[at]);
    }
    return;
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let i = 0, at = offset; i < points; i++, at += stride) {
    target[i] = swap(view.getUint32(at, true));
  }
}

/** Makes red, green, blue of 0x00RRGGBB, in the order of their bytes. */
function swap(bits: number): number {
  return 0xff000000 | (bits & 0xff) << 16 | bits & 0xff00 | bits >>> 16 & 0xff;
}

function packBytes(
  { data, stride, points }: PointCloud,
  { red, green, blue }: Channels,
  target: Uint32Array,
): void {
  const toGreen = green.offset - red.offset, toBlue = blue.offset - red.offset;
  for (let i = 0, at = red.offset; i < points; i++, at += stride) {
    target[i] = 0xff000000 | data[at + toBlue] << 16 |
      data[at + toGreen] << 8 | data[at];
  }
}

interface ChannelRule extends ColorRule {
  color: Channels;
}

function packShorts(
  { data, stride, points }: PointCloud,
  { color: { red, green, blue }, scale }: ChannelRule,
  target: Uint32Array,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const toGreen = green.offset - red.offset, toBlue = blue.offset - red.offset;
  for (let i = 0, at = red.offset; i < points; i++, at += stride) {
    target[i] = 0xff000000 |
      byteOf(view.getUint16(at + toBlue, true) * scale) << 16 |
      byteOf(view.getUint16(at + toGreen, true) * scale) << 8 |
      byteOf(view.getUint16(at, true) * scale);
  }
}

function packNumbers(
  { data, stride, points }: PointCloud,
  { color: { red, green, blue }, scale }: ChannelRule,
  target: Uint32Array,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const read = numberReader(red.type);
  for (let i = 0, at = 0; i < points; i++, at += stride) {
    target[i] = 0xff000000 |
      byteOf(read(view, at + blue.offset) * scale) << 16 |
      byteOf(read(view, at + green.offset) * scale) << 8 |
      byteOf(read(view, at + red.offset) * scale);
  }
}

/** NaN becomes 0. */
function byteOf(value: number): number {
  return value >= 255 ? 255 : value > 0 ? value + 0.5 | 0 : 0;
}

/**
 * Finds what makes 0 to 255 of a channel's numbers. Some programs write 0 to
 * 255 into types that have room for more.
 */
function scaleOf(cloud: PointCloud, channels: Channels): number {
  const { type } = channels.red;
  const full = largestOf(type);
  const { data, stride, points } = cloud;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const read = numberReader(type);
  const step = Math.max(1, Math.floor(points / SAMPLE));
  let most = 0;
  for (const { offset } of [channels.red, channels.green, channels.blue]) {
    for (let i = 0; i < points; i += step) {
      most = Math.max(most, read(view, i * stride + offset) || 0);
    }
  }
  const isOfBytes = isFloat(type) ? most > 1 : most <= 255 && full > 255;
  return isOfBytes ? 1 : 255 / full;
}

function largestOf(type: FieldType): number {
  if (isFloat(type)) return 1;
  const bits = typeBytes(type) * 8;
  return 2 ** (type.startsWith("u") ? bits : bits - 1) - 1;
}
