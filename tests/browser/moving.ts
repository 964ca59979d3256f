/** Robots of tests that drive about. */
import type { TimedCloud } from "../../lib/sources/source.ts";
import { makeCloud } from "../viewer/make_cloud.ts";
import { bitsOf, type Color } from "./pixels.ts";

/** Points along a side of a plate. */
const SIDE = 60;

/** A plate of one colour, a metre wide, about where it stands. */
export function plateOf(color: Color) {
  return makeCloud("x,y,z,rgb:u4", SIDE * SIDE, (name, i) => {
    const column = i % SIDE, row = Math.floor(i / SIDE);
    const place = { x: column / SIDE - 0.5, y: row / SIDE - 0.5, z: 0 };
    return name === "rgb" ? bitsOf(color) : place[name as "x"];
  });
}

/** A cloud captured now, its frame at a place of the map, turned about z. */
export function standing(
  cloud: TimedCloud["cloud"],
  [x, y, z]: readonly [number, number, number],
  heading = 0,
): TimedCloud {
  const rotation = [0, 0, Math.sin(heading / 2), Math.cos(heading / 2)];
  return {
    cloud,
    captureTime: Date.now(),
    place: {
      frameId: "base_link",
      parent: "map",
      pose: {
        translation: [x, y, z],
        rotation: rotation as [number, number, number, number],
      },
    },
  };
}
