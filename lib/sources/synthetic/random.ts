import { type PointCloud, pointCloud } from "../../points/cloud.ts";

/**
 * Makes a source of uniformly random points in [0, 1), as the original has it:
 * the three values of each cloud's first point carry the frame number.
 *
 * @param seed makes the same clouds again; xorshift32 (Marsaglia 2003).
 */
export function randomSource(
  points: number,
  seed = 0x9e3779b9,
): { next(frame: number): PointCloud } {
  let state = seed | 0 || 1;
  return {
    next(frame) {
      const values = new Float32Array(points * 3);
      for (let i = 0; i < values.length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        // 24 bits are what a float32 below 1 holds exactly.
        values[i] = (state >>> 8) * 2 ** -24;
      }
      values.fill(frame, 0, 3);
      return pointCloud(values);
    },
  };
}
