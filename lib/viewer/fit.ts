/** Where to look from so that a box fills the picture and none of it is cut. */
import type { Box } from "./ranges.ts";
import { subtract, type Vector } from "./vector.ts";

/** Where a camera is, and what it looks at; metres. */
export interface Viewpoint {
  position: [x: number, y: number, z: number];
  target: [x: number, y: number, z: number];
  /** From one to the other. */
  distance: number;
}

export interface FitOptions {
  /** From the box to the camera; of any length, none straight up. */
  directions: readonly Vector[];
  /** Tangent of half the vertical angle of view. */
  tan: number;
  /** Width of the picture over its height. */
  aspect: number;
}

/** Rounds in which the target moves to where the box is in the middle. */
const ROUNDS = 6;

/**
 * Finds the viewpoint nearest to a box, of some directions, that sees all of
 * it, z up, with the box in the middle of the picture.
 *
 * @throws {RangeError} without a direction.
 */
export function fitBox(
  box: Box,
  { directions, tan, aspect }: FitOptions,
): Viewpoint {
  if (directions.length === 0) {
    throw new RangeError("Cannot fit a box without a direction to look from");
  }
  return directions.map((direction) => fitFrom(box, direction, { tan, aspect }))
    .reduce((best, next) => next.distance < best.distance ? next : best);
}

function fitFrom(
  box: Box,
  direction: Vector,
  { tan, aspect }: { tan: number; aspect: number },
): Viewpoint {
  const back = normalize(direction);
  const right = normalize([-back[1], back[0], 0]);
  const up = cross(back, right);
  const corners = cornersOf(box);
  let target = middleOf(box);
  let distance = 0;
  for (let round = 0; round < ROUNDS; round++) {
    distance = 0;
    for (const corner of corners) {
      const from = subtract(corner, target);
      const aside = Math.abs(dot(from, right)) / (tan * aspect);
      const above = Math.abs(dot(from, up)) / tan;
      distance = Math.max(distance, Math.max(aside, above) + dot(from, back));
    }
    // A box of no size is looked at from a metre away.
    distance ||= 1;
    if (round === ROUNDS - 1) break;
    const seen = corners.map((corner) => {
      const from = subtract(corner, target);
      const depth = Math.max(distance - dot(from, back), 1e-6);
      return [dot(from, right) / depth, dot(from, up) / depth];
    });
    target = advance(target, right, distance * middle(seen.map(([x]) => x)));
    target = advance(target, up, distance * middle(seen.map(([, y]) => y)));
  }
  return { position: advance(target, back, distance), target, distance };
}

/** The diagonal of a box, metres. */
export function diagonalOf({ min, max }: Box): number {
  return Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
}

/** The box that holds boxes; nothing where there is none. */
export function joinBoxes(boxes: readonly Box[]): Box | undefined {
  const [first, ...others] = boxes;
  if (first === undefined) return undefined;
  const join = (
    a: Vector,
    b: Vector,
    choose: (...values: number[]) => number,
  ) =>
    [choose(a[0], b[0]), choose(a[1], b[1]), choose(a[2], b[2])] as Box["min"];
  return others.reduce(
    (all, { min, max }) => ({
      min: join(all.min, min, Math.min),
      max: join(all.max, max, Math.max),
    }),
    first,
  );
}

/** Counts the places of a box from `origin`. */
export function shiftBox({ min, max }: Box, origin: Vector): Box {
  return {
    min: [...subtract(min, origin)],
    max: [...subtract(max, origin)],
  };
}

/** The middle of a box. */
export function middleOf({ min, max }: Box): [number, number, number] {
  return [
    (min[0] + max[0]) / 2,
    (min[1] + max[1]) / 2,
    (min[2] + max[2]) / 2,
  ];
}

function cornersOf({ min, max }: Box): Vector[] {
  const corners: Vector[] = [];
  for (const x of [min[0], max[0]]) {
    for (const y of [min[1], max[1]]) {
      for (const z of [min[2], max[2]]) corners.push([x, y, z]);
    }
  }
  return corners;
}

function middle(values: number[]): number {
  return (Math.min(...values) + Math.max(...values)) / 2;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
}

function advance(
  a: Vector,
  b: Vector,
  times: number,
): [number, number, number] {
  return [a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times];
}

function normalize(vector: Vector): Vector {
  const length = Math.hypot(...vector);
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}
