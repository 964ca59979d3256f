/**
 * What stands still in the synthetic scan: a hall of 30 x 20 x 6 m, with racks
 * along its north (+y) wall, an office in its south-west corner, a conveyor
 * along its south wall and pillars between them. Metres; axes as in scan.ts.
 */
import { ORIGIN, type Place, shapesAt } from "./place.ts";
import { type Echoes, reflected, type Scan, SENSOR_HEIGHT } from "./scan.ts";
import type { Shape, Vector } from "./shapes.ts";

const WEST = -14;
const EAST = 16;
const SOUTH = -9;
const NORTH = 11;
const CEILING = 6;

/** Parts of the light that materials send back. */
const CONCRETE = 0.42;
const PAINT = 0.85;
const PLASTER = 0.55;
const STEEL = 0.45;
const ORANGE = 0.62;
const CARDBOARD = 0.5;
const WOOD = 0.42;
const RUBBER = 0.08;

/** What stands at its place in the hall itself. */
const { box, rod, ball } = shapesAt(ORIGIN);

/** Where the lane of the forklift is painted: its middle, and its width. */
export const LANE = {
  west: -11.7,
  east: 13,
  south: -3.4,
  north: 7.9,
  radius: 2.5,
  width: 2,
};

/** Gives the distance from a point to the middle of the lane. */
function toLane(x: number, y: number): number {
  const { west, east, south, north, radius } = LANE;
  const dx = Math.abs(x - (west + east) / 2) - (east - west) / 2 + radius;
  const dy = Math.abs(y - (south + north) / 2) - (north - south) / 2 + radius;
  const outside = Math.hypot(Math.max(dx, 0), Math.max(dy, 0));
  return Math.abs(outside + Math.min(Math.max(dx, dy), 0) - radius);
}

/** Sets what all rays hit to the hall's floor, walls and ceiling. */
export function castHall(
  { columns, beams, rays, cos, sin, across, up }: Scan,
  { range, strength }: Echoes,
): void {
  for (let column = 0, ray = 0; column < columns; column++) {
    for (let beam = 0; beam < beams && ray < rays; beam++, ray++) {
      const dx = across[beam] * cos[column];
      const dy = across[beam] * sin[column];
      const dz = up[beam];
      const toX = (dx < 0 ? WEST : EAST) / dx;
      const toY = (dy < 0 ? SOUTH : NORTH) / dy;
      const toZ = ((dz < 0 ? 0 : CEILING) - SENSOR_HEIGHT) / dz;
      const distance = Math.min(toX, toY, toZ);
      const z = SENSOR_HEIGHT + distance * dz;
      range[ray] = distance;
      if (distance === toX) {
        strength[ray] = reflected(wall(distance * dy, z), dx);
      } else if (distance === toY) {
        strength[ray] = reflected(wall(distance * dx, z), dy);
      } else {
        const reflectivity = dz < 0
          ? floor(distance * dx, distance * dy)
          : PLASTER;
        strength[ray] = reflected(reflectivity, dz);
      }
    }
  }
}

/** Concrete slabs of 5 m with dark joints, and the painted edges of a lane. */
function floor(x: number, y: number): number {
  if (Math.abs(toLane(x, y) - LANE.width / 2) < 0.08) return PAINT;
  const joint = Math.min(fromMultiple(x, 5), fromMultiple(y, 5));
  return joint < 0.06 ? RUBBER : CONCRETE;
}

/** Sheets of 1 m, darker up to 1.2 m, with a bright line above. */
function wall(along: number, z: number): number {
  if (Math.abs(z - 1.25) < 0.06) return PAINT;
  if (fromMultiple(along, 1) < 0.03) return RUBBER;
  return z < 1.2 ? STEEL : PLASTER;
}

function fromMultiple(value: number, of: number): number {
  return Math.abs(value - Math.round(value / of) * of);
}

/** Makes all that stands in the hall. */
export function furniture(): Shape[] {
  return [
    ...pillars(),
    ...[-10.2, -4.6, 1, 6.6, 12.2].flatMap((x, i) =>
      rack({ x, y: 10.2, heading: 0 }, i)
    ),
    ...office(),
    ...conveyor(),
    ...goods(),
    ...fanHousing(),
    ...girders(),
  ];
}

function pillars(): Shape[] {
  return [-8, -2.7, 2.7, 8].flatMap((x) =>
    [-5.4, 5.6].flatMap((y): Shape[] => [
      box([x, y, 3], [0.4, 0.4, 6], STEEL),
      box([x, y, 0.5], [0.6, 0.6, 1], ORANGE),
    ])
  );
}

/** Four levels of 5.2 m of cartons; `index` makes each rack another one. */
function rack(place: Place, index: number): Shape[] {
  const { box } = shapesAt(place);
  const shapes: Shape[] = [];
  for (const ahead of [-2.6, 0, 2.6]) {
    for (const left of [-0.5, 0.5]) {
      shapes.push(
        box([ahead, left, 2.2], [0.1, 0.1, 4.4], ORANGE),
      );
    }
  }
  [0.2, 1.5, 2.8].forEach((height, level) => {
    shapes.push(box([0, 0, height], [5.2, 1.1, 0.1], ORANGE));
    for (let slot = 0; slot < 4; slot++) {
      const dice = scatter(index * 12 + level * 4 + slot);
      if (dice < 0.15) continue;
      const size: Vector = [
        0.7 + 0.4 * scatter(dice * 911),
        0.9,
        0.4 + 0.7 * scatter(dice * 577),
      ];
      const centre: Vector = [
        slot * 1.25 - 1.88,
        0.1 * dice - 0.05,
        height + 0.05 + size[2] / 2,
      ];
      shapes.push(box(centre, size, CARDBOARD * (0.6 + 0.5 * dice)));
    }
  });
  return shapes;
}

/** Gives a number from 0 to 1 that looks arbitrary. */
function scatter(value: number): number {
  const s = Math.sin(value * 12.9898 + 4.1414) * 43758.5453;
  return s - Math.floor(s);
}

/** Where the hinge of the office's door is; it closes an opening of 1 m. */
export const DOOR: Place = { x: -10, y: -7.4, heading: Math.PI / 2 };

/**
 * Walls of 2.8 m, a doorway and a window in the one to the east, and a desk.
 */
function office(): Shape[] {
  type Pair = readonly [x: number, y: number];
  const wall = ([x, y]: Pair, [dx, dy]: Pair, to = 2.8) =>
    box([x, y, to / 2], [dx, dy, to], PLASTER);
  return [
    wall([-12, -4.6], [4.1, 0.12]),
    wall([-10, -8.2], [0.12, 1.6]),
    wall([-10, -4.75], [0.12, 0.3]),
    wall([-10, -5.65], [0.12, 1.5], 1),
    wall([-10, -6.3], [0.12, 0.2]),
    box([-10, -6, 2.5], [0.12, 2.8, 0.6], PLASTER),
    box([-12, -6.8, 2.85], [4.2, 4.5, 0.1], PLASTER),
    box([-12.6, -7, 0.72], [0.8, 1.8, 0.06], WOOD),
    box([-12.8, -7, 1.1], [0.08, 0.6, 0.4], STEEL),
  ];
}

/** Where cartons travel, from one end to the other; metres. */
export const CONVEYOR = { from: -5, to: 9, y: -7.3, height: 0.85 };

/** A belt on legs between two machines that the cartons come from and go to. */
function conveyor(): Shape[] {
  const { from, to, y, height } = CONVEYOR;
  const middle = (from + to) / 2;
  const shapes: Shape[] = [
    box([middle, y, height - 0.1], [to - from, 0.9, 0.16], STEEL),
    box([from - 0.7, y, 1.1], [1.8, 1.6, 2.2], PLASTER),
    box([to + 0.9, y, 1.3], [2.2, 1.8, 2.6], ORANGE),
    rod([[to + 1.4, y, 2.6], [to + 1.4, y, 6]], 0.25, STEEL),
  ];
  for (let x = from + 1; x < to; x += 2) {
    for (const side of [-0.4, 0.4]) {
      shapes.push(box([x, y + side, 0.4], [0.1, 0.1, 0.8], STEEL));
    }
  }
  return shapes;
}

/** Pallets with cartons, barrels and cones. */
function goods(): Shape[] {
  const shapes: Shape[] = [];
  const pallets = [[5.2, 4.2, 0.2], [-5.4, 4.6, 1.4], [10.2, -0.6, 0.7]];
  pallets.forEach(([x, y, heading], pallet) => {
    const { box } = shapesAt({ x, y, heading });
    shapes.push(box([0, 0, 0.07], [1.2, 1, 0.14], WOOD));
    for (let i = 0; i < 10 - pallet * 2; i++) {
      const centre: Vector = [
        (i & 1) * 0.58 - 0.29,
        (i >> 1 & 1) * 0.48 - 0.24,
        0.36 + (i >> 2) * 0.44,
      ];
      const reflectivity = CARDBOARD * (0.7 + 0.4 * scatter(pallet * 10 + i));
      shapes.push(box(centre, [0.54, 0.44, 0.42], reflectivity));
    }
  });
  for (let i = 0; i < 7; i++) {
    shapes.push({
      kind: "cylinder",
      x: 13.2 + (i % 3) * 0.7 + scatter(i) * 0.1,
      y: -7.9 + Math.floor(i / 3) * 0.7,
      top: i === 4 ? 1.8 : 0.9,
      radius: 0.29,
      reflectivity: i % 2 === 0 ? 0.2 : ORANGE,
    });
  }
  for (const [x, y] of [[-3.6, -2.1], [-1.2, -2.1], [1.2, -2.1], [3.6, -2.1]]) {
    shapes.push(
      box([x, y, 0.03], [0.4, 0.4, 0.06], RUBBER),
      rod([[x, y, 0.1], [x, y, 0.35]], 0.12, PAINT),
      rod([[x, y, 0.35], [x, y, 0.65]], 0.06, PAINT),
    );
  }
  return shapes;
}

/**
 * Where the fan in the east wall turns, and the reach of its blades; metres.
 */
export const FAN = { x: 15.6, y: 2.2, z: 2.9, radius: 1.35 };

/** A ring of rods around the fan, and its legs. */
function fanHousing(): Shape[] {
  const { x, y, z, radius } = FAN;
  const steps = 20;
  const rim = (i: number): Vector => {
    const angle = 2 * Math.PI * i / steps;
    const reach = radius + 0.15;
    return [x, y + reach * Math.cos(angle), z + reach * Math.sin(angle)];
  };
  const shapes: Shape[] = [ball([x, y, z], 0.22, STEEL)];
  for (let i = 0; i < steps; i++) {
    shapes.push(rod([rim(i), rim(i + 1)], 0.09, ORANGE));
  }
  for (const side of [-0.9, 0.9]) {
    shapes.push(
      rod([[x, y + side, 0], [x, y + side, z - 1.2]], 0.07, STEEL),
    );
  }
  return shapes;
}

/** Beams under the ceiling, from wall to wall. */
function girders(): Shape[] {
  return [-8, 8].map((x) => box([x, 1, 5.3], [0.3, 20, 0.5], STEEL));
}
