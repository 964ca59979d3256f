import { type PointCloud, pointCloud } from "../points/cloud.ts";

/** A turn of a sensor that measures in one plane. */
export interface LaserScan {
  /** The first ray's angle about z from x, radians. */
  start: number;
  /** Radians from one ray to the next. */
  increment: number;
  /** Metres. */
  ranges: Float32Array | Float64Array;
  /** None, or one of each ray. */
  intensities: Float32Array | Float64Array;
  /** The ranges that mean something, metres. */
  min?: number;
  max?: number;
}

/**
 * Makes points of a scan: float32 x, y, z and, where there is one of each ray,
 * intensity. Rays without an echo, or with one out of range, have no point.
 */
export function scanCloud(
  { start, increment, ranges, intensities, min = 0, max = Infinity }: LaserScan,
): PointCloud {
  const hasIntensity = intensities.length === ranges.length &&
    ranges.length > 0;
  const names = hasIntensity ? ["x", "y", "z", "intensity"] : ["x", "y", "z"];
  const values = new Float32Array(ranges.length * names.length);
  let used = 0;
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i];
    if (!(range >= min && range <= max && range < Infinity)) continue;
    const angle = start + i * increment;
    values[used] = range * Math.cos(angle);
    values[used + 1] = range * Math.sin(angle);
    if (hasIntensity) values[used + 3] = intensities[i];
    used += names.length;
  }
  return pointCloud(values.subarray(0, used), names);
}
