/** Shapes put where they belong. Metres; axes as in scan.ts. */
import type { Box, Capsule, Vector } from "./shapes.ts";

/** A place on the floor and the way it faces, for shapes made of several. */
export interface Place {
  x: number;
  y: number;
  /** Where its own x axis points, radians from x towards y. */
  heading: number;
}

/** The hall itself. */
export const ORIGIN: Place = { x: 0, y: 0, heading: 0 };

/** Gives the point that is `ahead` and `left` of a place, at a height. */
export function pointAt(
  { x, y, heading }: Place,
  [ahead, left, height]: Vector,
): Vector {
  const cos = Math.cos(heading);
  const sin = Math.sin(heading);
  return [
    x + ahead * cos - left * sin,
    y + ahead * sin + left * cos,
    height,
  ];
}

/** Makes shapes whose points are those of a place. */
export interface PlacedShapes {
  /** Makes an upright box of `size` around a point. */
  box(centre: Vector, size: Vector, reflectivity: number): Box;
  /** Makes a rod from one point to another. */
  rod(
    ends: readonly [from: Vector, to: Vector],
    radius: number,
    reflectivity: number,
  ): Capsule;
  /** Makes a ball around a point. */
  ball(centre: Vector, radius: number, reflectivity: number): Capsule;
}

/** Gives what makes the shapes of a place. */
export function shapesAt(place: Place): PlacedShapes {
  const cos = Math.cos(place.heading);
  const sin = Math.sin(place.heading);
  const rod: PlacedShapes["rod"] = ([from, to], radius, reflectivity) => ({
    kind: "capsule",
    from: pointAt(place, from),
    to: pointAt(place, to),
    radius,
    reflectivity,
  });
  return {
    box: (centre, size, reflectivity) => ({
      kind: "box",
      centre: pointAt(place, centre),
      axes: [[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]],
      half: [size[0] / 2, size[1] / 2, size[2] / 2],
      reflectivity,
    }),
    rod,
    ball: (centre, radius, reflectivity) =>
      rod([centre, centre], radius, reflectivity),
  };
}
