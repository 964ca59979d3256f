/** How a frame moves, for a camera that goes along with it. */
import type { Pose } from "../points/cloud.ts";
import { placed, rotationOf, turn } from "./placement.ts";
import { add, subtract, type Vector, ZERO } from "./vector.ts";

/** A turn about a vertical line, and then a way. */
export interface Motion {
  /** Where the line stands, metres. */
  about: Vector;
  /** Radians from x towards y. */
  turn: number;
  /** Metres. */
  by: Vector;
}

/** Tells how a frame has moved from one pose to the next. */
export function motionBetween(
  last: Pose | undefined,
  next: Pose | undefined,
): Motion {
  const about = placed(last, ZERO);
  const angle = headingOf(next) - headingOf(last);
  return {
    about,
    // The shorter way round.
    turn: Math.atan2(Math.sin(angle), Math.cos(angle)),
    by: subtract(placed(next, ZERO), about),
  };
}

/** Gives the place that a motion takes a place to. */
export function moved(place: Vector, { about, turn: angle, by }: Motion) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rotation = [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]] as const;
  return add(add(turn(rotation, subtract(place, about)), about), by);
}

/** Where a frame's x axis points, seen from above; radians from x towards y. */
function headingOf(pose: Pose | undefined): number {
  const [[x], [y]] = rotationOf(pose);
  return Math.atan2(y, x);
}
