/** Coordinates as the graphics card takes them: float32, from an origin. */
import { findField, type PointCloud } from "../points/cloud.ts";
import { XYZ } from "../points/field.ts";
import { copyNumbers } from "./copy_numbers.ts";
import type { Vector } from "./vector.ts";

/**
 * Writes the positions of a cloud, shape (points, 3), C order, as they are seen
 * from an origin, which is taken off in float64.
 */
export function packPositions(
  cloud: PointCloud,
  origin: Vector,
  target: Float32Array,
): void {
  const axes = XYZ.map((name) => findField(cloud, name)!);
  const [{ type, offset }] = axes;
  const bytes = type === "float64" ? 8 : 4;
  const areTogether = axes.every((axis, i) =>
    axis.type === type && axis.offset === offset + i * bytes
  );
  if (areTogether && type === "float32") {
    return packFloat32(cloud, { offset, origin, target });
  }
  if (areTogether && type === "float64") {
    return packFloat64(cloud, { offset, origin, target });
  }
  axes.forEach((axis, start) =>
    copyNumbers(cloud, axis, { target, start, step: 3, base: origin[start] })
  );
}

interface PackTarget {
  /** Bytes from the start of a point to x; y and z follow it. */
  offset: number;
  origin: Vector;
  target: Float32Array;
}

function packFloat32(cloud: PointCloud, to: PackTarget): void {
  const { data, stride, points } = cloud;
  const { offset, origin: [x, y, z], target } = to;
  const start = data.byteOffset + offset;
  if (start % 4 !== 0 || stride % 4 !== 0) return packUnaligned(cloud, to);
  const length = Math.floor((data.length - offset) / 4);
  const values = new Float32Array(data.buffer, start, length);
  const isAtZero = x === 0 && y === 0 && z === 0;
  if (stride === 12 && isAtZero) return target.set(values);
  const step = stride / 4;
  let put = 0;
  if (isAtZero) {
    for (let i = 0, at = 0; i < points; i++, at += step) {
      target[put++] = values[at];
      target[put++] = values[at + 1];
      target[put++] = values[at + 2];
    }
    return;
  }
  for (let i = 0, at = 0; i < points; i++, at += step) {
    target[put++] = values[at] - x;
    target[put++] = values[at + 1] - y;
    target[put++] = values[at + 2] - z;
  }
}

function packUnaligned(
  { data, stride, points }: PointCloud,
  { offset, origin: [x, y, z], target }: PackTarget,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let put = 0;
  if (x === 0 && y === 0 && z === 0) {
    for (let i = 0, at = offset; i < points; i++, at += stride) {
      target[put++] = view.getFloat32(at, true);
      target[put++] = view.getFloat32(at + 4, true);
      target[put++] = view.getFloat32(at + 8, true);
    }
    return;
  }
  for (let i = 0, at = offset; i < points; i++, at += stride) {
    target[put++] = view.getFloat32(at, true) - x;
    target[put++] = view.getFloat32(at + 4, true) - y;
    target[put++] = view.getFloat32(at + 8, true) - z;
  }
}

function packFloat64(
  { data, stride, points }: PointCloud,
  { offset, origin: [x, y, z], target }: PackTarget,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let put = 0;
  for (let i = 0, at = offset; i < points; i++, at += stride) {
    target[put++] = view.getFloat64(at, true) - x;
    target[put++] = view.getFloat64(at + 8, true) - y;
    target[put++] = view.getFloat64(at + 16, true) - z;
  }
}
