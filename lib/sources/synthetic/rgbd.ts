/** A synthetic depth camera: rows of points in colour, with holes. */
import { createCloud, type PointCloud } from "../../points/cloud.ts";
import { packFields } from "../../points/field.ts";
import {
  type Ball,
  ballsAt,
  CAMERA_HEIGHT,
  castRoom,
  shade,
} from "./camera_scene.ts";
import type { CloudSource } from "./lidar.ts";
import { mix, NOISE_MASK, normalNoise } from "./noise.ts";

/** Points of a picture of 640 x 480, as depth cameras make them. */
export const RGBD_POINTS = 640 * 480;

const { fields: FIELDS, stride: STRIDE } = packFields([
  { name: "x", type: "float32" },
  { name: "y", type: "float32" },
  { name: "z", type: "float32" },
  { name: "rgb", type: "uint32" },
]);
const WORDS = STRIDE / 4;

/** Focal length as a part of the picture's width. */
const FOCAL_LENGTH = 525 / 640;

/** Metres between the camera's two eyes. */
const BASELINE = 0.05;

/** Depth comes in whole millimetres, as from the sensor's uint16. */
const STEPS_PER_METRE = 1000;

/** Standard deviation of a depth, metres, at one metre; it grows squared. */
const DEPTH_NOISE = 0.0012;

/** Levels of 255 for one standard deviation of a pixel's brightness. */
const COLOR_NOISE = 0.8;

/** A pixel whose noise is beyond this has no depth: 0.3 % of them. */
const SPECKLE = 3;

/** What a picture is made of. */
interface Picture {
  width: number;
  height: number;
  /** Of column u and row v, the ray (1, left[u], up[v]). */
  left: Float64Array;
  up: Float64Array;
  /** Metres along x of each pixel, row after row. */
  depth: Float32Array;
  /** 0xRRGGBB of each pixel. */
  color: Uint32Array;
}

/**
 * Makes a source of organized clouds in colour, as a depth camera makes them: a
 * room with a table and crates where three balls move. Fields x, y, z float32
 * and `rgb` uint32, 0x00RRGGBB; row after row of the picture, from its upper
 * left corner. Metres, x ahead, y to the left, z up from the floor.
 *
 * Where the camera sees no depth x, y and z are NaN and the colour stays: at
 * the window, in the shadow that its second eye sees beside what is near, and
 * here and there. A frame is the same whenever it is asked for.
 *
 * @param points at most so many: the largest picture of 4:3 that has no more.
 * @throws {RangeError} unless `points` is a whole number above 0.
 */
export function rgbdSource(
  points = RGBD_POINTS,
  { seed = 1 }: { seed?: number } = {},
): CloudSource {
  if (!Number.isSafeInteger(points) || points < 1) {
    throw new RangeError(
      `Cannot take a picture of ${points} points: expected a whole number ` +
        "above 0",
    );
  }
  const still = takeStill(points);
  const { width, height } = still;
  const noise = sensorNoise(seed);
  const picture = {
    ...still,
    depth: still.depth.slice(),
    color: still.color.slice(),
  };
  return {
    points: width * height,
    fields: FIELDS,
    next(frame, seconds): PointCloud {
      picture.depth.set(still.depth);
      picture.color.set(still.color);
      for (const ball of ballsAt(seconds)) drawBall(picture, ball);
      const start = mix(seed + frame) & NOISE_MASK;
      const data = measure(picture, noise, start);
      return createCloud({ data, fields: FIELDS, stride: STRIDE, height });
    },
  };
}

/** Takes the picture of all that stands still. */
function takeStill(points: number): Picture {
  const height = Math.max(1, Math.floor(Math.sqrt(points * 3 / 4)));
  const width = Math.min(
    Math.floor(points / height),
    Math.ceil(height * 4 / 3),
  );
  const focal = FOCAL_LENGTH * width;
  const left = Float64Array.from(
    { length: width },
    (_, u) => ((width - 1) / 2 - u + 1e-6) / focal,
  );
  const up = Float64Array.from(
    { length: height },
    (_, v) => ((height - 1) / 2 - v + 1e-6) / focal,
  );
  const depth = new Float32Array(width * height);
  const color = new Uint32Array(width * height);
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) {
      const hit = castRoom(left[u], up[v]);
      depth[i] = hit.depth;
      color[i] = hit.color;
    }
  }
  return { width, height, left, up, depth, color };
}

/** Draws a ball where it is nearer than what is there, lit from the camera. */
function drawBall(
  { width, height, left, up, depth, color }: Picture,
  ball: Ball,
): void {
  const { centre: [x, y, z], radius } = ball;
  const square = x * x + y * y + z * z - radius * radius;
  const near = x - radius;
  const reach = radius / near * FOCAL_LENGTH * width * 1.2 + 2;
  const columns = window(y / x, left, reach);
  const rows = window(z / x, up, reach);
  for (let v = rows.first; v <= Math.min(rows.last, height - 1); v++) {
    for (let u = columns.first; u <= Math.min(columns.last, width - 1); u++) {
      const long = 1 + left[u] * left[u] + up[v] * up[v];
      const along = x + left[u] * y + up[v] * z;
      const root = along * along - long * square;
      if (root < 0) continue;
      const distance = (along - Math.sqrt(root)) / long;
      const i = v * width + u;
      if (distance >= depth[i]) continue;
      depth[i] = distance;
      const cosine = Math.sqrt(root / long) / radius;
      color[i] = shade(ball.color, 0.35 + 0.65 * cosine);
    }
  }
}

/** The pixels within `reach` of where a slope is seen, of falling slopes. */
function window(
  slope: number,
  slopes: Float64Array,
  reach: number,
): { first: number; last: number } {
  const step = slopes.length > 1 ? slopes[0] - slopes[1] : 1;
  const at = (slopes[0] - slope) / step;
  return {
    first: Math.max(0, Math.floor(at - reach)),
    last: Math.ceil(at + reach),
  };
}

/** Turns depths into points, with the sensor's noise from `start` on. */
function measure(
  { width, height, left, up, depth, color }: Picture,
  { errors, levels }: SensorNoise,
  start: number,
): Uint8Array {
  const values = new Float32Array(width * height * WORDS);
  const words = new Uint32Array(values.buffer);
  const focalBaseline = FOCAL_LENGTH * width * BASELINE;
  for (let v = 0; v < height; v++) {
    // From right to left, the other eye must see each point further left.
    let seenAt = Infinity;
    for (let u = width - 1, i = v * width + u; u >= 0; u--, i--) {
      const to = i * WORDS;
      const level = levels[start + i & NOISE_MASK];
      words[to + 3] = level === 0 ? color[i] : brighter(color[i], level);
      const metres = depth[i];
      const at = u - focalBaseline / metres;
      const error = errors[start + i * 5 & NOISE_MASK];
      const isSeen = at < seenAt && metres < Infinity;
      if (isSeen) seenAt = at;
      if (!isSeen || error !== error) {
        values[to] = values[to + 1] = values[to + 2] = NaN;
        continue;
      }
      const noisy = metres + error * metres * metres;
      const x = (noisy * STEPS_PER_METRE + 0.5 | 0) / STEPS_PER_METRE;
      values[to] = x;
      values[to + 1] = x * left[u];
      values[to + 2] = CAMERA_HEIGHT + x * up[v];
    }
  }
  return new Uint8Array(values.buffer);
}

/** Adds to each channel of a colour, within 0 to 255. */
function brighter(color: number, levels: number): number {
  const red = clamp((color >> 16 & 0xff) + levels);
  const green = clamp((color >> 8 & 0xff) + levels);
  const blue = clamp((color & 0xff) + levels);
  return red << 16 | green << 8 | blue;
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level;
}

/** What a sensor's numbers are off by. */
interface SensorNoise {
  /** Metres at one metre; NaN where there is no depth. */
  errors: Float32Array;
  /** Levels of brightness. */
  levels: Int8Array;
}

function sensorNoise(seed: number): SensorNoise {
  const noise = normalNoise(seed);
  return {
    errors: noise.map((error) =>
      Math.abs(error) > SPECKLE ? NaN : error * DEPTH_NOISE
    ),
    levels: Int8Array.from(noise, (grain) => Math.round(grain * COLOR_NOISE)),
  };
}
