/** Where coordinates stand in others: poses, in float64. */
import type { Pose } from "../points/cloud.ts";
import { add, subtract, type Vector, ZERO } from "./vector.ts";

/** A turn: the rows of a matrix of 3 x 3. */
export type Rotation = readonly [Vector, Vector, Vector];

const NO_TURN: Rotation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** Gives the turn of a pose; its quaternion may be of any length. */
export function rotationOf(pose: Pose | undefined): Rotation {
  if (pose === undefined) return NO_TURN;
  const length = Math.hypot(...pose.rotation);
  if (length === 0) return NO_TURN;
  const [x, y, z, w] = pose.rotation.map((value) => value / length);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/** Turns a way. */
export function turn(rotation: Rotation, [x, y, z]: Vector): Vector {
  const [a, b, c] = rotation;
  return [
    a[0] * x + a[1] * y + a[2] * z,
    b[0] * x + b[1] * y + b[2] * z,
    c[0] * x + c[1] * y + c[2] * z,
  ];
}

/** Gives the place of a frame's own place in its parent frame, metres. */
export function placed(pose: Pose | undefined, place: Vector): Vector {
  if (pose === undefined) return place;
  return add(turn(rotationOf(pose), place), pose.translation);
}

/**
 * Gives the matrix from places that are counted from `from`, in a frame's own
 * coordinates, to places that are counted from `origin`, in its parent's;
 * column by column, as WebGL has it.
 */
export function matrixFrom(
  pose: Pose | undefined,
  from: Vector,
  origin: Vector,
): number[] {
  const [a, b, c] = rotationOf(pose);
  const [x, y, z] = subtract(placed(pose, from), origin);
  return [
    ...[a[0], b[0], c[0], 0, a[1], b[1], c[1], 0],
    ...[a[2], b[2], c[2], 0, x, y, z, 1],
  ];
}

/** Whether two poses say the same. */
export function arePosesAlike(a: Pose | undefined, b: Pose | undefined) {
  if (a === b) return true;
  const { translation = ZERO, rotation = [0, 0, 0, 1] } = a ?? {};
  const other = { translation: ZERO, rotation: [0, 0, 0, 1], ...b };
  return translation.every((value, i) => value === other.translation[i]) &&
    rotation.every((value, i) => value === other.rotation[i]);
}
