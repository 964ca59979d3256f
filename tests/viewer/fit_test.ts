import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { fitBox } from "../../lib/viewer/fit.ts";
import type { Box } from "../../lib/viewer/ranges.ts";
import type { Vector } from "../../lib/viewer/vector.ts";

const HALL: Box = { min: [-15, -10, 0], max: [15, 10, 6] };

/** Where a point is in the picture, from -1 to 1 each way. */
function project(
  point: Vector,
  { position, target }: ReturnType<typeof fitBox>,
  tan: number,
  aspect: number,
): [number, number] {
  const sub = (a: Vector, b: Vector): Vector => [
    a[0] - b[0],
    a[1] - b[1],
    a[2] - b[2],
  ];
  const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const away = sub(target, position);
  const length = Math.hypot(...away);
  const forward: Vector = [
    away[0] / length,
    away[1] / length,
    away[2] / length,
  ];
  const flat = Math.hypot(forward[0], forward[1]);
  const right: Vector = [forward[1] / flat, -forward[0] / flat, 0];
  const up: Vector = [
    right[1] * forward[2] - right[2] * forward[1],
    right[2] * forward[0] - right[0] * forward[2],
    right[0] * forward[1] - right[1] * forward[0],
  ];
  const from = sub(point, position);
  const depth = dot(from, forward);
  assert(depth > 0);
  return [
    dot(from, right) / depth / (tan * aspect),
    dot(from, up) / depth / tan,
  ];
}

function cornersOf({ min, max }: Box): Vector[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [
    i & 1 ? max[0] : min[0],
    i & 2 ? max[1] : min[1],
    i & 4 ? max[2] : min[2],
  ]);
}

for (const aspect of [0.46, 1, 1.6, 3]) {
  Deno.test(`a box fills a picture of aspect ${aspect}, and isn't cut`, () => {
    const tan = Math.tan(Math.PI / 8);
    const view = fitBox(HALL, { directions: [[-2, -3, 2]], tan, aspect });
    const seen = cornersOf(HALL).map((corner) =>
      project(corner, view, tan, aspect)
    );
    const most = Math.max(...seen.flat().map(Math.abs));
    assert(most <= 1 + 1e-9 && most > 0.97, `${most}`);
    // In the direction in which it is tight, it touches both sides.
    const [xs, ys] = [0, 1].map((axis) => seen.map((at) => at[axis]));
    const sides = [xs, ys].map((all) => [Math.min(...all), Math.max(...all)]);
    const tight = sides[0][1] > sides[1][1] ? sides[0] : sides[1];
    assertAlmostEquals(tight[0], -tight[1], 0.05);
  });
}

Deno.test("of some directions the one is taken that comes nearest", () => {
  const options = { tan: 0.4, aspect: 0.5 };
  const along: Vector = [-1, -0.1, 1];
  const across: Vector = [-0.1, -1, 1];
  const one = fitBox(HALL, { ...options, directions: [along] });
  const other = fitBox(HALL, { ...options, directions: [across] });
  const both = fitBox(HALL, { ...options, directions: [across, along] });
  assert(one.distance < other.distance);
  assertAlmostEquals(both.distance, one.distance);
});

Deno.test("a box of one point is looked at from a metre away", () => {
  const box: Box = { min: [4, 5, 6], max: [4, 5, 6] };
  const view = fitBox(box, { directions: [[-1, 0, 0.5]], tan: 0.4, aspect: 1 });
  assertAlmostEquals(view.distance, 1);
  assertThrows(
    () => fitBox(box, { directions: [], tan: 1, aspect: 1 }),
    RangeError,
  );
});
