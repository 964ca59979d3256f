import { createCloud, type PointCloud } from "./cloud.ts";
import { type Words, wordsOf } from "./words.ts";

/**
 * Least share that is sent where a path doesn't take more. Of 100,000 points
 * 390: on 1 Mbit/s, beside a picture, more come late.
 */
export const MIN_POINT_SHARE = 1 / 256;

/**
 * Keeps a share of a cloud's points, spread evenly over their order: every k-th
 * with k = 1 / share, which need not be whole. Of N points, max(1, round(N *
 * share)) are kept, in their order, with all their fields, bit for bit. They
 * are one row, whatever the cloud's rows were.
 *
 * @param share above 0, up to 1.
 * @returns the cloud itself where all its points are kept.
 * @throws {RangeError} for another share.
 *
 * @example
 * ```ts
 * import { pointCloud, thin } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const cloud = pointCloud(new Float32Array(3000));
 * assertEquals(thin(cloud, 0.25).points, 250);
 * ```
 */
export function thin(cloud: PointCloud, share: number): PointCloud {
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(
      `Cannot thin a cloud to ${share} of its points: expected a share above ` +
        "0, up to 1",
    );
  }
  const { fields, points, stride, viewpoint } = cloud;
  const kept = Math.max(1, Math.round(points * share));
  if (kept >= points) return cloud;
  const { source, size, allocate } = wordsOf(cloud);
  const target = allocate(kept);
  pick(target, source, { points, kept, size });
  const picked = new Uint8Array(target.buffer);
  return createCloud({ data: picked, fields, stride, viewpoint });
}

/** Copies point floor(i * points / kept) for each i, in whole numbers. */
function pick(
  target: Words,
  source: Words,
  { points, kept, size }: { points: number; kept: number; size: number },
): void {
  const step = size * Math.floor(points / kept);
  const remainder = points % kept;
  for (let to = 0, from = 0, part = 0; to < target.length; from += step) {
    for (let i = from; i < from + size; i++) target[to++] = source[i];
    part += remainder;
    if (part >= kept) {
      part -= kept;
      from += size;
    }
  }
}
