/** Places and ways in space. */

/** A place, or the way to it; metres. */
export type Vector = readonly [x: number, y: number, z: number];

/** Where all coordinates are 0. */
export const ZERO: Vector = [0, 0, 0];

/** The way from `b` to `a`. */
export function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** The place `b` further than `a`. */
export function add(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
