/** From where positions are counted, so that float32 holds them sharply. */
import { subtract, type Vector, ZERO } from "./vector.ts";

/** Farther from the origin than this, the origin moves; metres. */
const FAR = 1_000;

/** An origin is made of whole multiples of this, metres. */
const STEP = 100;

/**
 * Returns the origin of a cloud whose middle is at `middle`: the last one, as
 * long as that is near, so that what stands still stays where it is drawn.
 */
export function originFor(middle: Vector, last: Vector): Vector {
  return isNear(middle, last) ? last : roundOff(middle);
}

/** Whether float32 holds the way between two places sharply. */
export function isNear(a: Vector, b: Vector): boolean {
  return a.every((value, i) => Math.abs(value - b[i]) <= FAR);
}

function roundOff([x, y, z]: Vector): Vector {
  const round = (value: number) => Math.round(value / STEP) * STEP || 0;
  return [round(x), round(y), round(z)];
}

/**
 * Returns from where distances are taken, relative to the origin: where the
 * sensor stood, or where all coordinates are 0. Where both are far from the
 * points, it is the origin.
 */
export function eyeFor(viewpoint: Vector | undefined, origin: Vector): Vector {
  for (const eye of viewpoint === undefined ? [ZERO] : [viewpoint, ZERO]) {
    if (isNear(eye, origin)) return subtract(eye, origin);
  }
  return ZERO;
}
