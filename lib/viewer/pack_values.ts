/** Values of a field as the graphics card takes them: one float32 a point. */
import type { PointCloud } from "../points/cloud.ts";
import { numberReader, typeBytes } from "../points/field.ts";
import type { Categories } from "./categories.ts";

/** Writes the place in the palette of each point's value. */
export function packCategories(
  { data, stride, points }: PointCloud,
  categories: Categories,
  target: Float32Array,
): void {
  const { type, offset } = categories.field;
  const { table } = categories;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (type === "uint8") {
    for (let i = 0, at = offset; i < points; i++, at += stride) {
      target[i] = table[data[at]];
    }
    return;
  }
  if (type === "uint16") {
    for (let i = 0, at = offset; i < points; i++, at += stride) {
      target[i] = table[view.getUint16(at, true)];
    }
    return;
  }
  const read = numberReader(type);
  const isLong = typeBytes(type) === 8;
  for (let i = 0, at = offset; i < points; i++, at += stride) {
    // Most integers of 64 bits are small, and BigInt is slow.
    const value = isLong && view.getUint32(at + 4, true) === 0 &&
        type !== "float64"
      ? view.getUint32(at, true)
      : read(view, at);
    target[i] = table[value] ?? categories.slotOf(value);
  }
}
