import { assertAlmostEquals, assertEquals } from "@std/assert";
import { motionBetween, moved } from "../../lib/viewer/motion.ts";
import { placed } from "../../lib/viewer/placement.ts";
import type { Vector } from "../../lib/viewer/vector.ts";

/** A pose on a map, turned about z by degrees. */
function poseAt(translation: Vector, degrees: number) {
  const half = degrees * Math.PI / 360;
  const rotation = [0, 0, Math.sin(half), Math.cos(half)] as const;
  return { translation, rotation };
}

function assertNear(actual: Vector, expected: Vector): void {
  actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-6));
}

Deno.test("what goes along with a frame stays where it is in the frame", () => {
  const last = poseAt([500_000, 5_400_000, 10], 170);
  const next = poseAt([500_003, 5_400_001, 12], -160);
  const motion = motionBetween(last, next);
  // Over 180°, not all the way back.
  assertAlmostEquals(motion.turn, 30 * Math.PI / 180, 1e-9);
  assertEquals(motion.by, [3, 1, 2]);
  const camera: Vector = [-4, 1, 3];
  assertNear(moved(placed(last, camera), motion), placed(next, camera));
});

Deno.test("a camera that doesn't turn keeps its way to the frame", () => {
  const last = poseAt([1, 2, 3], 0), next = poseAt([4, 0, 3], 90);
  const motion = { ...motionBetween(last, next), turn: 0 };
  assertNear(moved([0, 0, 10], motion), [3, -2, 10]);
});

Deno.test("a frame that nods or rolls turns no camera", () => {
  const half = Math.PI / 8;
  const rotation = [Math.sin(half), 0, 0, Math.cos(half)] as const;
  const rolled = { translation: [0, 0, 0] as const, rotation };
  assertAlmostEquals(motionBetween(undefined, rolled).turn, 0, 1e-12);
});
