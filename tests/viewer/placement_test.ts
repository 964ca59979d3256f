import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  arePosesAlike,
  matrixFrom,
  placed,
  rotationOf,
} from "../../lib/viewer/placement.ts";
import { Matrix4, Quaternion, Vector3 } from "../../lib/viewer/three.ts";

/** A turn of 30° about an axis that is none of the three. */
const TURN = new Quaternion()
  .setFromAxisAngle(new Vector3(1, 2, 3).normalize(), Math.PI / 6);
const POSE = {
  translation: [500_012.345, 5_400_034.5, 12],
  rotation: [TURN.x, TURN.y, TURN.z, TURN.w],
} as const;

Deno.test("a place is turned and shifted as a pose says", () => {
  const { x, y, z } = new Vector3(1, -2, 0.5).applyQuaternion(TURN);
  const { translation: [east, north, up] } = POSE;
  const stands = placed(POSE, [1, -2, 0.5]);
  [east + x, north + y, up + z].forEach((value, i) =>
    assertAlmostEquals(stands[i], value, 1e-8)
  );
  assertEquals(placed(undefined, [1, 2, 3]), [1, 2, 3]);
});

Deno.test("a quaternion of another length turns alike; none turns nothing", () => {
  const [x, y, z, w] = POSE.rotation;
  const long = rotationOf({ ...POSE, rotation: [3 * x, 3 * y, 3 * z, 3 * w] });
  rotationOf(POSE).flat().forEach((value, i) =>
    assertAlmostEquals(long.flat()[i], value, 1e-12)
  );
  assertEquals(
    rotationOf({ ...POSE, rotation: [0, 0, 0, 0] }),
    rotationOf(undefined),
  );
});

Deno.test("on a map, what a graphics card is given is sharp to the micrometre", () => {
  const origin = [500_000, 5_400_000, 0] as const;
  const matrix = new Matrix4().fromArray(matrixFrom(POSE, [0, 0, 0], origin));
  const float = new Matrix4().fromArray([...new Float32Array(matrix.elements)]);
  const { x, y, z } = new Vector3(1, -2, 0.5).applyMatrix4(float);
  const stands = placed(POSE, [1, -2, 0.5]);
  [x, y, z].forEach((value, i) =>
    assertAlmostEquals(value, stands[i] - origin[i], 5e-6)
  );
});

Deno.test("no pose is that of coordinates that stand where they are", () => {
  const none = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] } as const;
  assert(arePosesAlike(undefined, none));
  assert(arePosesAlike(none, undefined));
  assert(!arePosesAlike(POSE, undefined));
  assert(!arePosesAlike(POSE, { ...POSE, translation: [0, 0, 0] }));
});
