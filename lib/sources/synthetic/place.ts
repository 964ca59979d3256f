/** Shapes put where they belong. Metres; axes as in lidar_scan.ts. */
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

/** Makes an upright box of `size` whose centre is at `centre` of a place. */
export function boxAt(
  place: Place,
  centre: Vector,
  size: Vector,
  reflectivity: number,
): Box {
  const cos = Math.cos(place.heading);
  const sin = Math.sin(place.heading);
  return {
    kind: "box",
    centre: pointAt(place, centre),
    axes: [[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]],
    half: [size[0] / 2, size[1] / 2, size[2] / 2],
    reflectivity,
  };
}

/** Makes a rod from one point of a place to another. */
export function rodAt(
  place: Place,
  from: Vector,
  to: Vector,
  radius: number,
  reflectivity: number,
): Capsule {
  return {
    kind: "capsule",
    from: pointAt(place, from),
    to: pointAt(place, to),
    radius,
    reflectivity,
  };
}

/** Makes a ball at a point of a place. */
export function ballAt(
  place: Place,
  centre: Vector,
  radius: number,
  reflectivity: number,
): Capsule {
  return rodAt(place, centre, centre, radius, reflectivity);
}
