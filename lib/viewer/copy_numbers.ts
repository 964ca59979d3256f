/** Fields as float32, in loops that have no calls in them. */
import type { PointCloud } from "../points/cloud.ts";
import type { FieldType, PointField } from "../points/field.ts";

/** What is taken from each value first: where values are large. */
export type Base = number | bigint;

/** Where values go, and what is taken from each. */
export interface CopyTarget {
  target: Float32Array;
  /** Index of the first value. */
  start: number;
  /** Values from one to the next. */
  step: number;
  base: Base;
}

/** Types of which float32 holds every value. */
const EXACT: ReadonlySet<FieldType> = new Set(
  ["int8", "uint8", "int16", "uint16", "float32"] as const,
);

/** Makes the base of a type's values from one of them. */
export function baseNear(value: number, type: FieldType): Base {
  if (EXACT.has(type) || !Number.isFinite(value)) return 0;
  return type.endsWith("int64") ? BigInt(Math.round(value)) : value;
}

/**
 * Copies a field's values, less the base, as float32. What is taken of integers
 * of 64 bits is exact.
 */
export function copyNumbers(
  { data, stride, points }: PointCloud,
  { type, offset }: PointField,
  { target, start, step, base }: CopyTarget,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const less = Number(base);
  const end = points * stride + offset;
  let to = start;
  switch (type) {
    case "int8":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getInt8(at) - less;
      }
      return;
    case "uint8":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = data[at] - less;
      }
      return;
    case "int16":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getInt16(at, true) - less;
      }
      return;
    case "uint16":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getUint16(at, true) - less;
      }
      return;
    case "int32":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getInt32(at, true) - less;
      }
      return;
    case "uint32":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getUint32(at, true) - less;
      }
      return;
    case "float32":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getFloat32(at, true) - less;
      }
      return;
    case "float64":
      for (let at = offset; at < end; at += stride, to += step) {
        target[to] = view.getFloat64(at, true) - less;
      }
      return;
    default:
      copyLong(view, { type, offset, stride, end }, {
        ...{ target, start, step, base },
      });
  }
}

interface LongSource {
  type: FieldType;
  offset: number;
  stride: number;
  end: number;
}

/** Copies integers of 64 bits by their halves: BigInt is slow. */
function copyLong(
  view: DataView,
  { type, offset, stride, end }: LongSource,
  { target, start, step, base }: CopyTarget,
): void {
  const whole = BigInt(base);
  const low = Number(whole & 0xffffffffn);
  const high = Number(whole >> 32n);
  const isSigned = type === "int64";
  let to = start;
  for (let at = offset; at < end; at += stride, to += step) {
    const upper = isSigned
      ? view.getInt32(at + 4, true)
      : view.getUint32(at + 4, true);
    target[to] = (upper - high) * 0x1_0000_0000 +
      (view.getUint32(at, true) - low);
  }
}
