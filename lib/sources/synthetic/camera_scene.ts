/**
 * What the synthetic depth camera sees: a room with a table, crates and a
 * window, and balls that move through it. Metres; the camera looks along x, y
 * is to the left, z up from the floor. Colours are 0xRRGGBB.
 */

/** Height of the camera above the floor, metres. */
export const CAMERA_HEIGHT = 1.2;

/** Where the walls are, metres. */
const BACK = 4.2;
const SIDE = 2.2;
const CEILING = 2.6;

type Vector = readonly [x: number, y: number, z: number];

/** What a ray hits. */
export interface Hit {
  /** Metres along x; `Infinity` where nothing comes back. */
  depth: number;
  color: number;
}

/** An upright box along the axes. */
interface Block {
  from: Vector;
  to: Vector;
  color: number;
}

/** A ball as it is at one time. */
export interface Ball {
  /** As seen from the camera. */
  centre: Vector;
  radius: number;
  color: number;
}

const WOOD = 0x9c6b3f;

const BLOCKS: readonly Block[] = [
  { from: [1.9, -0.9, 0.7], to: [2.9, 0.7, 0.75], color: WOOD },
  ...[[1.95, -0.85], [1.95, 0.6], [2.8, -0.85], [2.8, 0.6]].map((
    [x, y],
  ): Block => ({
    from: [x, y, 0],
    to: [x + 0.06, y + 0.06, 0.7],
    color: WOOD,
  })),
  { from: [2.2, -0.6, 0.75], to: [2.5, -0.25, 1.05], color: 0x2d8a57 },
  { from: [2.3, 0.2, 0.75], to: [2.45, 0.5, 0.9], color: 0xc8452f },
  { from: [3.3, 1.1, 0], to: [4, 1.9, 0.8], color: 0x3767b0 },
  { from: [3.4, 1.2, 0.8], to: [3.9, 1.7, 1.3], color: 0xd9a62e },
  { from: [3.5, -2, 0], to: [4.1, -1.3, 1.9], color: 0x6d5a85 },
];

/** A window in the back wall, from which no depth comes back. */
const WINDOW = { left: 0.9, right: -0.5, bottom: 1.3, top: 2.1 };

/** Finds what stands still along the ray (1, `left`, `up`). */
export function castRoom(left: number, up: number): Hit {
  const hit = castWalls(left, up);
  for (const block of BLOCKS) {
    const depth = enterBlock(block, left, up);
    if (depth >= hit.depth) continue;
    hit.depth = depth;
    hit.color = shade(block.color, sideOf(block, depth, left));
  }
  return hit;
}

function castWalls(left: number, up: number): Hit {
  const toSide = SIDE / Math.abs(left);
  const toFlat = up < 0 ? -CAMERA_HEIGHT / up : (CEILING - CAMERA_HEIGHT) / up;
  const depth = Math.min(BACK, toSide, toFlat);
  const y = depth * left;
  const z = CAMERA_HEIGHT + depth * up;
  if (depth === BACK) {
    const isWindow = y < WINDOW.left && y > WINDOW.right &&
      z > WINDOW.bottom && z < WINDOW.top;
    if (isWindow) return { depth: Infinity, color: 0xdcefff };
    return { depth, color: z < 0.12 ? 0x4a3a2c : shade(0xcfc4a8, 1) };
  }
  if (depth === toSide) return { depth, color: shade(0xa9b7a0, stripe(depth)) };
  if (up > 0) return { depth, color: 0xe8e6df };
  const isDark = (Math.floor(depth * 2) + Math.floor(y * 2)) % 2 === 0;
  return { depth, color: isDark ? 0x7d5f43 : 0x94744f };
}

function stripe(along: number): number {
  return along % 0.5 < 0.25 ? 1 : 0.9;
}

/** Kay and Kajiya's slabs; `Infinity` where the ray misses. */
function enterBlock({ from, to }: Block, left: number, up: number): number {
  const y = span(from[1] / left, to[1] / left);
  const z = span(
    (from[2] - CAMERA_HEIGHT) / up,
    (to[2] - CAMERA_HEIGHT) / up,
  );
  const near = Math.max(from[0], y[0], z[0]);
  const far = Math.min(to[0], y[1], z[1]);
  return near < far ? near : Infinity;
}

function span(a: number, b: number): [near: number, far: number] {
  return a < b ? [a, b] : [b, a];
}

/** How bright the side is that a ray enters a block by. */
function sideOf({ from, to }: Block, depth: number, left: number): number {
  if (depth === from[0]) return 0.9;
  const y = depth * left;
  const isSide = Math.min(Math.abs(y - from[1]), Math.abs(y - to[1])) < 1e-6;
  return isSide ? 0.7 : 1;
}

/** Makes the balls as they are at a time. */
export function ballsAt(seconds: number): Ball[] {
  const bounce = Math.abs(Math.sin(seconds * 2.4));
  const around = seconds * 0.9;
  const swing = 0.6 * Math.sin(seconds * 1.7);
  return [
    {
      centre: [1.7, 0.9 * Math.sin(seconds * 0.7), 0.2 + 0.8 * bounce],
      radius: 0.14,
      color: 0xe0532f,
    },
    {
      centre: [
        3.1 + 0.6 * Math.cos(around),
        0.2 + 1.2 * Math.sin(around),
        1.7,
      ],
      radius: 0.22,
      color: 0x35a7d8,
    },
    {
      centre: [2.4, Math.sin(swing), 2.5 - Math.cos(swing)],
      radius: 0.17,
      color: 0xf3d34a,
    },
  ].map(({ centre: [x, y, z], ...rest }) => ({
    ...rest,
    centre: [x, y, z - CAMERA_HEIGHT] as const,
  }));
}

/** Multiplies a colour by a brightness from 0 to 1. */
export function shade(color: number, brightness: number): number {
  const part = (shift: number) =>
    Math.round((color >> shift & 0xff) * brightness) << shift;
  return part(16) | part(8) | part(0);
}
