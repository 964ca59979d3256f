/**
 * A synthetic depth camera: balls that move over a table in a room, as an
 * organized cloud with colour.
 *
 * Metres, x ahead, y to the left, z up from the floor; the camera is at
 * (0, 0, CAMERA_HEIGHT), and looks straight ahead.
 */
import { createCloud, type PointCloud } from "../../points/cloud.ts";
import { packFields } from "../../points/field.ts";
import type { PointSource } from "../source.ts";

/** Points of a picture of 640 x 480. */
export const RGBD_POINTS = 640 * 480;

const LAYOUT = packFields([
  { name: "x", type: "float32" },
  { name: "y", type: "float32" },
  { name: "z", type: "float32" },
  { name: "rgb", type: "uint32" },
]);

const CAMERA_HEIGHT = 1.2;

/** Focal length over the width of the picture: 69 degrees across. */
const FOCAL = 0.727;

/** A depth camera measures in whole millimetres. */
const DEPTH_STEPS = 1000;

/** Noise of a depth, metres at one metre; it grows with the square of it. */
const DEPTH_NOISE = 0.0012;

/** The lowest bits of each channel are a sensor's noise. */
const COLOR_NOISE = 0x030303;

/** One in so many points is not measured. */
const HOLES = 61;

/** The room: walls at the sides and at the back, metres. */
const ROOM = { back: 4.2, side: 2.1, ceiling: 2.6 };

/** The table's top, a box standing on nothing: what is behind it is hidden. */
const TABLE = { near: 1.4, far: 2.6, side: 0.9, top: 0.75 };

interface Ball {
  color: number;
  radius: number;
  /** Where its middle is. */
  at(seconds: number): readonly [x: number, y: number, z: number];
}

const BALLS: readonly Ball[] = [
  {
    color: 0xd9402b,
    radius: 0.16,
    at: (t) => [
      2 + 0.45 * Math.cos(1.1 * t),
      0.6 * Math.sin(1.1 * t),
      TABLE.top + 0.16,
    ],
  },
  {
    color: 0x2b7fd9,
    radius: 0.11,
    at: (t) => [
      1.8,
      0.5 * Math.cos(0.7 * t),
      TABLE.top + 0.11 + 0.5 * Math.abs(Math.sin(2.4 * t)),
    ],
  },
  {
    color: 0xf2c230,
    radius: 0.22,
    at: (t) => [3.3, 1.3 * Math.sin(0.5 * t), 1.5 + 0.2 * Math.cos(0.9 * t)],
  },
];

/** What a picture shows: depth along x, and 0xRRGGBB, of each pixel. */
interface Picture {
  width: number;
  height: number;
  depth: Float32Array;
  color: Uint32Array;
}

/**
 * Makes a source of organized clouds, as a depth camera gives them: `width` x
 * `height` points of float32 x y z and uint32 rgb (0xRRGGBB), NaN where nothing
 * was measured.
 *
 * @param points about as many, in a picture of 4 : 3.
 */
export function rgbdSource(points = RGBD_POINTS): PointSource {
  const width = Math.max(4, 4 * Math.round(Math.sqrt(points / 12)));
  const height = width * 3 / 4;
  const still = renderRoom(width, height);
  return {
    next: (frame, seconds) => measure(renderBalls(still, seconds), frame >>> 0),
  };
}

/** The slopes of the ray through a pixel: to the left, and up, for 1 m ahead. */
function slopes({ width, height }: Pick<Picture, "width" | "height">) {
  const scale = 1 / (FOCAL * width);
  return {
    scale,
    left: (column: number) => (width / 2 - 0.5 - column) * scale,
    up: (row: number) => (height / 2 - 0.5 - row) * scale,
  };
}

function renderRoom(width: number, height: number): Picture {
  const depth = new Float32Array(width * height);
  const color = new Uint32Array(width * height);
  const { left, up } = slopes({ width, height });
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const hit = hitRoom(left(column), up(row));
      depth[i] = hit.depth;
      color[i] = hit.color;
    }
  }
  return { width, height, depth, color };
}

function hitRoom(left: number, up: number): { depth: number; color: number } {
  const toTable = (TABLE.top - CAMERA_HEIGHT) / up;
  const isTable = toTable > TABLE.near && toTable < TABLE.far &&
    Math.abs(toTable * left) < TABLE.side;
  if (isTable) {
    const isLine = Math.abs(toTable * left * 5 % 1) < 0.06;
    return { depth: toTable, color: isLine ? 0x6b4a2b : 0x9c7143 };
  }
  const toSide = ROOM.side / Math.abs(left);
  const toFlat = (up < 0 ? -CAMERA_HEIGHT : ROOM.ceiling - CAMERA_HEIGHT) / up;
  const depth = Math.min(ROOM.back, toSide, toFlat);
  if (depth === toFlat) {
    const tile = Math.floor(depth * 2) + Math.floor(depth * left * 2 + 100);
    if (up > 0) return { depth, color: 0xe8e4dc };
    return { depth, color: tile % 2 === 0 ? 0x4a5560 : 0x6d7883 };
  }
  const high = CAMERA_HEIGHT + depth * up;
  if (depth === toSide) return { depth, color: left > 0 ? 0x5f8f6b : 0xb0725a };
  return { depth, color: high < 1 ? 0x7a8fa6 : 0xc9d3dc };
}

/** Draws the balls into a copy of the room. */
function renderBalls(room: Picture, seconds: number): Picture {
  const picture = {
    ...room,
    depth: room.depth.slice(),
    color: room.color.slice(),
  };
  for (const ball of BALLS) drawBall(picture, ball, seconds);
  return picture;
}

function drawBall(
  { width, height, depth, color }: Picture,
  ball: Ball,
  seconds: number,
): void {
  const { radius } = ball;
  const [x, y, z] = ball.at(seconds);
  const h = z - CAMERA_HEIGHT;
  const { scale, left, up } = slopes({ width, height });
  // A little more than what the ball covers.
  const reach = 1.2 * radius / (x - radius) / scale;
  const middle = {
    column: width / 2 - y / x / scale,
    row: height / 2 - h / x / scale,
  };
  const [firstColumn, lastColumn] = within(middle.column, reach, width);
  const [firstRow, lastRow] = within(middle.row, reach, height);
  for (let row = firstRow; row <= lastRow; row++) {
    const dz = up(row);
    for (let column = firstColumn; column <= lastColumn; column++) {
      const dy = left(column);
      const square = 1 + dy * dy + dz * dz;
      const along = x + y * dy + h * dz;
      const root = along * along -
        square * (x * x + y * y + h * h - radius * radius);
      if (root < 0) continue;
      const distance = (along - Math.sqrt(root)) / square;
      const i = row * width + column;
      if (distance >= depth[i]) continue;
      depth[i] = distance;
      // The light comes from above.
      const light = 0.55 + 0.45 * (h - distance * dz) / -radius;
      color[i] = shade(ball.color, light);
    }
  }
}

function within(middle: number, reach: number, size: number): [number, number] {
  return [
    Math.max(0, Math.floor(middle - reach)),
    Math.min(size - 1, Math.ceil(middle + reach)),
  ];
}

function shade(color: number, light: number): number {
  const part = (shift: number) =>
    Math.round((color >> shift & 0xff) * Math.max(0.15, light)) << shift;
  return part(16) | part(8) | part(0);
}

/** Makes the cloud of a picture, with a sensor's noise and holes. */
function measure(picture: Picture, frame: number): PointCloud {
  const { width, height, depth, color } = picture;
  const data = new Uint8Array(width * height * LAYOUT.stride);
  const floats = new Float32Array(data.buffer);
  const words = new Uint32Array(data.buffer);
  const { left, up } = slopes(picture);
  let random = Math.imul(frame + 1, 0x9e3779b9) | 1;
  for (let row = 0, i = 0, to = 0; row < height; row++) {
    const rise = up(row);
    for (let column = 0; column < width; column++, i++, to += 4) {
      random = Math.imul(random ^ random >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
      const noise = (random >>> 8 & 0xffff) / 0xffff - 0.5;
      const exact = depth[i];
      const distance = (random >>> 24) % HOLES === 0 ? NaN : Math.round(
        (exact + 2 * DEPTH_NOISE * exact * exact * noise) * DEPTH_STEPS,
      ) /
        DEPTH_STEPS;
      floats[to] = distance;
      floats[to + 1] = distance * left(column);
      floats[to + 2] = distance === distance
        ? CAMERA_HEIGHT + distance * rise
        : NaN;
      words[to + 3] = color[i] ^ random & COLOR_NOISE;
    }
  }
  return createCloud({ ...LAYOUT, data, height });
}
