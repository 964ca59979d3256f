/**
 * A synthetic scan of a hall with people and machines at work in it, as a
 * spinning LiDAR sensor sees it.
 */
import { namesOf, type PointCloud, pointCloud } from "../../points/cloud.ts";
import { packFields, type PointField } from "../../points/field.ts";
import { castHall, furniture } from "./hall.ts";
import { movers } from "./movers.ts";
import { mix, NOISE_MASK, normalNoise } from "./noise.ts";
import { createScan, Echoes, type Scan, SENSOR_HEIGHT } from "./scan.ts";
import { cast } from "./shapes.ts";

/** Where clouds with named fields come from. */
export interface CloudSource {
  /** Points of each cloud. */
  readonly points: number;
  /** Fields of each cloud, in order. */
  readonly fields: readonly PointField[];
  /**
   * Gives the cloud of one frame, `seconds` after the first, in a buffer that
   * the source doesn't touch again.
   */
  next(frame: number, seconds: number): PointCloud;
}

/** Options of {@linkcode lidarSource}. */
export interface LidarOptions {
  /** Makes the same noise again. @default {1} */
  seed?: number;
}

const { fields: FIELDS } = packFields(
  ["x", "y", "z", "intensity"].map((name) => ({ name, type: "float32" })),
);
const NAMES = namesOf(FIELDS);

/** Standard deviation of a range, metres. */
const RANGE_NOISE = 0.01;

/** Standard deviation of an intensity. */
const INTENSITY_NOISE = 0.02;

/** Intensity comes in steps of a hundredth, as KITTI's. */
const INTENSITY_STEPS = 100;

/** Distance at which half of the light comes back, metres. */
const HALF_LIGHT = 30;

/**
 * Makes a source that scans a hall of 30 x 20 x 6 m with a sensor 1.7 m above
 * the middle of its floor: racks, pillars, an office, and, moving, two people,
 * a forklift, a conveyor, a door, a fan, a ball and a hanging load.
 *
 * Each frame is one turn and has exactly `points` points, column after column,
 * counterclockwise from straight ahead. Metres, x ahead, y to the left, z up
 * from the floor; intensity is from 0 to 1, the material's and the angle's,
 * less far away. The hall is the same whatever `points` is, and a frame the
 * same whenever it is asked for.
 *
 * @example
 * ```ts
 * const source = lidarSource(100_000);
 * const rate = 10;
 * for (let frame = 0; frame < 100; frame++) {
 *   const cloud = source.next(frame, frame / rate);
 * }
 * ```
 *
 * @throws {RangeError} unless `points` is a whole number above 0.
 */
export function lidarSource(
  points: number,
  { seed = 1 }: LidarOptions = {},
): CloudSource {
  if (!Number.isSafeInteger(points) || points < 1) {
    throw new RangeError(
      `Cannot scan ${points} points: expected a whole number above 0`,
    );
  }
  const scan = createScan(points, beamsFor(points));
  const still = new Echoes(points);
  castHall(scan, still);
  for (const shape of furniture()) cast(scan, still, shape);
  const echoes = new Echoes(points);
  const noise = normalNoise(seed);
  return {
    points,
    fields: FIELDS,
    next(frame, seconds) {
      echoes.range.set(still.range);
      echoes.strength.set(still.strength);
      for (const shape of movers(seconds)) cast(scan, echoes, shape);
      const start = mix(seed + frame) & NOISE_MASK;
      return pointCloud(measure(scan, echoes, { noise, start }), NAMES);
    },
  };
}

/** Gives about as many beams as keep points as far apart up as across. */
function beamsFor(points: number): number {
  const even = Math.sqrt(points * 49 / 360);
  return 2 ** Math.min(7, Math.max(2, Math.round(Math.log2(even))));
}

/** Turns ranges into points, with the sensor's noise from `start` on. */
function measure(
  { beams, columns, rays, cos, sin, across, up }: Scan,
  { range, strength }: Echoes,
  { noise, start }: { noise: Float32Array; start: number },
): Float32Array {
  const values = new Float32Array(rays * FIELDS.length);
  for (let column = 0, ray = 0, to = 0; column < columns; column++) {
    for (let beam = 0; beam < beams && ray < rays; beam++, ray++, to += 4) {
      const at = start + ray;
      const distance = range[ray] +
        RANGE_NOISE * noise[at & NOISE_MASK];
      const flat = distance * across[beam];
      const far = distance / HALF_LIGHT;
      const intensity = strength[ray] / (1 + far * far) +
        INTENSITY_NOISE * noise[at * 5 & NOISE_MASK];
      values[to] = flat * cos[column];
      values[to + 1] = flat * sin[column];
      values[to + 2] = SENSOR_HEIGHT + distance * up[beam];
      values[to + 3] = Math.round(
        Math.min(1, Math.max(0, intensity)) * INTENSITY_STEPS,
      ) / INTENSITY_STEPS;
    }
  }
  return values;
}
