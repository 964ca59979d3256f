import type { PointCloud } from "./cloud.ts";

/**
 * Keeps a share of a cloud's points, spread evenly over their order: every k-th
 * with k = 1 / share, which need not be whole. Of N points, max(1, round(N *
 * share)) are kept, in their order, with all their fields, so that values of
 * shape (N, F) become (kept, F).
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
  const { fields, points, values } = cloud;
  const kept = Math.max(1, Math.round(points * share));
  if (kept >= points) return cloud;
  const width = fields.length;
  const picked = new Float32Array(kept * width);
  // Point floor(i * points / kept) for each i, in whole numbers.
  const stride = width * Math.floor(points / kept);
  const remainder = points % kept;
  for (let to = 0, from = 0, part = 0; to < picked.length; from += stride) {
    for (let value = from; value < from + width; value++) {
      picked[to++] = values[value];
    }
    part += remainder;
    if (part >= kept) {
      part -= kept;
      from += width;
    }
  }
  return { fields, points: kept, values: picked };
}
