import { findField, type PointCloud, viewOf } from "../cloud.ts";
import { numberReader } from "../field.ts";

/** What a header says of an axis. */
export interface LasAxis {
  /** Metres of a step. */
  scale: number;
  origin: number;
  min: number;
  max: number;
}

/** The most that a whole number may be, with room for rounding. */
const MAX_STEPS = 2 ** 31 - 16;

/**
 * Finds what holds the coordinates of an axis.
 *
 * @param resolution the least step.
 */
export function axisOf(
  cloud: PointCloud,
  name: string,
  resolution: number,
): LasAxis {
  const { points, stride } = cloud;
  if (points === 0) return { scale: resolution, origin: 0, min: 0, max: 0 };
  const { type, offset } = findField(cloud, name)!;
  const read = numberReader(type);
  const source = viewOf(cloud);
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < points; i++) {
    const value = read(source, i * stride + offset);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const origin = Math.floor(min / 2 + max / 2);
  const reach = Math.max(max - origin, origin - min);
  return { scale: Math.max(resolution, reach / MAX_STEPS), origin, min, max };
}
