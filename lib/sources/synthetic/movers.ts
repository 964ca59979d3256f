/**
 * What moves in the synthetic scan: people, a forklift, goods on a conveyor, a
 * door, a fan, a ball and a load on a rope. Each is a function of the time, so
 * that any frame can be made at any time. Metres, seconds; axes as in
 * scan.ts.
 */
import { CONVEYOR, DOOR, FAN, LANE } from "./hall.ts";
import { ORIGIN, type Place, shapesAt } from "./place.ts";
import type { Shape, Vector } from "./shapes.ts";

/** Parts of the light that materials send back. */
const SKIN = 0.6;
const VEST = 0.95;
const CLOTH = 0.25;
const YELLOW = 0.75;
const STEEL = 0.4;
const RUBBER = 0.08;
const CARDBOARD = 0.5;
const WOOD = 0.42;

const TURN = 2 * Math.PI;

/** Makes all that moves, as it is at a time. */
export function movers(seconds: number): Shape[] {
  return [
    ...person(figureOfEight(seconds), seconds * 1.05),
    ...person(stroll(seconds + 3), seconds * 0.9),
    ...forklift(alongLane(seconds * 2.2), seconds),
    ...cartons(seconds),
    ...door(seconds),
    ...fan(seconds),
    ...load(seconds),
    bouncingBall(seconds),
  ];
}

/** A walk of 18 s around two places, crossing between them. */
function figureOfEight(seconds: number): Place {
  const phase = TURN * seconds / 18;
  return {
    x: -6 + 3.4 * Math.sin(phase),
    y: 0.8 + 1.9 * Math.sin(2 * phase),
    heading: Math.atan2(3.8 * Math.cos(2 * phase), 3.4 * Math.cos(phase)),
  };
}

/** A walk of 16 s around an oval. */
function stroll(seconds: number): Place {
  const phase = TURN * seconds / 16;
  return {
    x: 7 + 2.4 * Math.cos(phase),
    y: 1.2 + 1.5 * Math.sin(phase),
    heading: Math.atan2(1.5 * Math.cos(phase), -2.4 * Math.sin(phase)),
  };
}

/** Someone of 1.78 m who has made `strides` double steps. */
function person(place: Place, strides: number): Shape[] {
  const { rod, ball } = shapesAt(place);
  const phase = TURN * strides;
  const bob = 0.02 * Math.cos(2 * phase);
  const hip = 0.93 + bob;
  const shoulder = 1.45 + bob;
  const limbs = [-1, 1].flatMap((side) => {
    const swing = side * Math.sin(phase);
    const bend = 0.25 + 0.5 * Math.max(0, -side * Math.cos(phase));
    const knee = limb([0, side * 0.1, hip], 0.46, 0.5 * swing);
    const foot = limb(knee, 0.44, 0.5 * swing - bend);
    const toe: Vector = [foot[0] + 0.16, foot[1], foot[2] - 0.02];
    const elbow = limb([0, side * 0.24, shoulder], 0.3, -0.5 * swing);
    const hand = limb(elbow, 0.28, 0.35 - 0.5 * swing);
    return [
      rod([[0, side * 0.1, hip], knee], 0.085, CLOTH),
      rod([knee, foot], 0.065, CLOTH),
      rod([foot, toe], 0.05, RUBBER),
      rod([[0, side * 0.24, shoulder], elbow], 0.055, VEST),
      rod([elbow, hand], 0.045, SKIN),
    ];
  });
  return [
    ...limbs,
    rod([[0, 0, hip + 0.05], [0, 0, shoulder - 0.15]], 0.16, VEST),
    rod([[0, -0.14, shoulder], [0, 0.14, shoulder]], 0.09, VEST),
    ball([0.02, 0, shoulder + 0.22], 0.115, SKIN),
  ];
}

/**
 * Gives the end of a limb that hangs `angle` radians ahead of straight down.
 */
function limb(
  [ahead, left, height]: Vector,
  long: number,
  angle: number,
): Vector {
  return [
    ahead + long * Math.sin(angle),
    left,
    height - long * Math.cos(angle),
  ];
}

/** Gives where one is after so many metres along the lane, counterclockwise. */
function alongLane(metres: number): Place {
  const { west, east, south, north, radius } = LANE;
  const sides = [
    east - west - 2 * radius,
    north - south - 2 * radius,
    east - west - 2 * radius,
    north - south - 2 * radius,
  ];
  const corner = radius * Math.PI / 2;
  const lap = sides.reduce((sum, side) => sum + side + corner, 0);
  let left = metres - Math.floor(metres / lap) * lap;
  let x = west + radius;
  let y = south;
  for (let side = 0; side < 4; side++) {
    const heading = side * Math.PI / 2;
    const cos = Math.cos(heading);
    const sin = Math.sin(heading);
    const straight = Math.min(left, sides[side]);
    x += straight * cos;
    y += straight * sin;
    left -= straight;
    const angle = Math.min(left, corner) / radius;
    x += radius * (Math.sin(heading + angle) - sin);
    y += radius * (cos - Math.cos(heading + angle));
    left -= angle * radius;
    if (left <= 0) return { x, y, heading: heading + angle };
  }
  return { x, y, heading: 0 };
}

/** A forklift with its driver, that lifts and lowers a carton as it goes. */
function forklift(place: Place, seconds: number): Shape[] {
  const { box, rod, ball } = shapesAt(place);
  const lift = 0.75 - 0.6 * Math.cos(TURN * seconds / 21);
  const sides = [-1, 1].flatMap((side) => [
    rod([[0.55, side * 0.42, 0.3], [0.55, side * 0.56, 0.3]], 0.3, RUBBER),
    rod([[-0.7, side * 0.42, 0.26], [-0.7, side * 0.54, 0.26]], 0.26, RUBBER),
    rod([[0.5, side * 0.5, 0.9], [0.3, side * 0.46, 2.15]], 0.04, STEEL),
    rod([[-0.7, side * 0.5, 0.9], [-0.6, side * 0.46, 2.15]], 0.04, STEEL),
    box([1, side * 0.34, 1.15], [0.14, 0.1, 2.1], STEEL),
    box([1.75, side * 0.25, lift], [1.3, 0.13, 0.06], STEEL),
  ]);
  return [
    ...sides,
    box([-0.1, 0, 0.55], [1.6, 1.05, 0.6], YELLOW),
    box([-0.85, 0, 0.75], [0.5, 1.05, 0.9], YELLOW),
    box([-0.15, 0, 2.18], [1, 1, 0.06], STEEL),
    box([1, 0, 2.2], [0.14, 0.8, 0.1], STEEL),
    box([1.12, 0, lift + 0.2], [0.06, 0.9, 0.4], STEEL),
    box([1.75, 0, lift + 0.1], [1.1, 1, 0.13], WOOD),
    box([1.75, 0, lift + 0.6], [1, 0.9, 0.85], CARDBOARD),
    rod([[-0.3, 0, 1], [-0.35, 0, 1.45]], 0.17, VEST),
    rod([[-0.3, -0.25, 1.4], [0.2, -0.15, 1.25]], 0.05, VEST),
    rod([[-0.3, 0.25, 1.4], [0.2, 0.15, 1.25]], 0.05, VEST),
    ball([-0.33, 0, 1.75], 0.12, SKIN),
  ];
}

/** A carton every 1.75 m of the belt, at 0.5 m/s. */
function cartons(seconds: number): Shape[] {
  const { from, to, y, height } = CONVEYOR;
  const long = to - from;
  const travelled = seconds * 0.5;
  return Array.from({ length: 8 }, (_, i) => {
    const metres = travelled + i * long / 8;
    const ahead = metres - Math.floor(metres / long) * long;
    const size = 0.4 + 0.1 * (i % 3);
    const heading = 0.3 * Math.sin(i * 2.4);
    const { box } = shapesAt({ x: from + ahead, y, heading });
    return box(
      [0, 0, height - 0.02 + size / 2],
      [size * 1.2, size, size],
      CARDBOARD + 0.05 * (i % 4),
    );
  });
}

/** The office's door, which swings open and shut in 7 s. */
function door(seconds: number): Shape[] {
  const angle = 0.75 * (1 - Math.cos(TURN * seconds / 7));
  const heading = DOOR.heading - angle;
  const { box, rod } = shapesAt({ ...DOOR, heading });
  return [
    box([0.5, 0, 1.05], [0.98, 0.05, 2.1], WOOD),
    rod([[0.88, -0.08, 1.05], [0.88, 0.08, 1.05]], 0.03, YELLOW),
  ];
}

/** Four blades that turn once in 2.5 s. */
function fan(seconds: number): Shape[] {
  const { x, y, z, radius } = FAN;
  return Array.from({ length: 4 }, (_, i): Shape => {
    const angle = TURN * (seconds / 2.5 + i / 4);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const pitch = 0.5;
    const wide = Math.cos(pitch);
    const deep = Math.sin(pitch);
    return {
      kind: "box",
      centre: [x, y + cos * radius * 0.57, z + sin * radius * 0.57],
      axes: [
        [0, cos, sin],
        [deep, -sin * wide, cos * wide],
        [wide, sin * deep, -cos * deep],
      ],
      half: [radius * 0.43, 0.17, 0.015],
      reflectivity: YELLOW,
    };
  });
}

/** A ball that bounces as high as 2.3 m, to and fro. */
function bouncingBall(seconds: number): Shape {
  const radius = 0.3;
  const gravity = 9.81;
  const flight = 1.28;
  const time = seconds - Math.floor(seconds / flight) * flight;
  const height = radius + gravity / 2 * time * (flight - time);
  const x = 3.8 + 1.6 * Math.sin(TURN * seconds / 11);
  return shapesAt(ORIGIN).ball([x, -0.4, height], radius, VEST);
}

/** A beam on a rope from the ceiling, which swings and turns. */
function load(seconds: number): Shape[] {
  const angle = 0.22 * Math.sin(TURN * seconds / 3.6);
  const long = 3.4;
  const x = 0.4 + long * Math.sin(angle);
  const z = 6 - long * Math.cos(angle);
  const beam = shapesAt({ x, y: 5.8, heading: TURN * seconds / 15 });
  return [
    shapesAt(ORIGIN).rod([[0.4, 5.8, 6], [x, 5.8, z]], 0.03, STEEL),
    beam.box([0, 0, z - 0.2], [2.2, 0.25, 0.35], STEEL),
  ];
}
