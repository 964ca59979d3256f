import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Pose } from "../../lib/points/cloud.ts";
import { TransformTree } from "../../lib/ros/transform_tree.ts";

/** Turned about z by so many degrees. */
function pose(x: number, y = 0, z = 0, degrees = 0): Pose {
  const half = degrees * Math.PI / 360;
  return {
    translation: [x, y, z],
    rotation: [0, 0, Math.sin(half), Math.cos(half)],
  };
}

function assertPose(actual: Pose | undefined, expected: Pose) {
  for (const key of ["translation", "rotation"] as const) {
    assertEquals(actual?.[key].length, expected[key].length);
    expected[key].forEach((n, i) =>
      assertAlmostEquals(actual![key][i], n, 1e-9, `${key} ${i}`)
    );
  }
}

const robot = () => {
  const tree = new TransformTree();
  const add = (parent: string, child: string, stamp: number, at: Pose) =>
    tree.add({ parent, child, stamp, pose: at }, false);
  const fix = (parent: string, child: string, at: Pose) =>
    tree.add({ parent, child, stamp: 0, pose: at }, true);
  return { tree, add, fix };
};

Deno.test("A frame is placed in the root above it, through fixed and moving ones", () => {
  const { tree, add, fix } = robot();
  fix("base", "lidar", pose(1, 0, 2));
  add("odom", "base", 1000, pose(10, 0, 0, 90));
  const { frameId, parent, pose: at } = tree.placeOf("lidar", 1000);
  assertEquals([frameId, parent], ["lidar", "odom"]);
  assertPose(at, pose(10, 1, 2, 90));
});

Deno.test("Between two moments a frame moves evenly, and turns the shorter way", () => {
  const { tree, add } = robot();
  add("odom", "base", 2000, pose(3, 0, 0, 190));
  add("odom", "base", 1000, pose(1, 0, 0, 170));
  assertPose(tree.placeOf("base", 1250).pose, pose(1.5, 0, 0, 175));
  assertPose(tree.placeOf("base", 1750).pose, pose(2.5, 0, 0, 185));
  assertPose(tree.placeOf("base", 1000).pose, pose(1, 0, 0, 170));
  // It stands before the first and after the last.
  assertPose(tree.placeOf("base", 0).pose, pose(1, 0, 0, 170));
  assertPose(tree.placeOf("base", 9999).pose, pose(3, 0, 0, 190));
});

Deno.test("The shorter way is taken when a quaternion's sign changes", () => {
  const { tree, add } = robot();
  const { translation, rotation: [x, y, z, w] } = pose(0, 0, 0, 20);
  add("odom", "base", 0, pose(0));
  add("odom", "base", 100, { translation, rotation: [-x, -y, -z, -w] });
  assertPose(tree.placeOf("base", 50).pose, pose(0, 0, 0, 10));
});

Deno.test("A frame is placed in the fixed frame, above it or beside it", () => {
  const tree = new TransformTree({ fixedFrame: "/base" });
  const fix = (parent: string, child: string, at: Pose) =>
    tree.add({ parent, child, stamp: 0, pose: at }, true);
  fix("map", "base", pose(5, 5, 0, 90));
  fix("base", "lidar", pose(1));
  fix("map", "tower", pose(5, 7));
  fix("elsewhere", "camera", pose(2));
  assertEquals(tree.placeOf("lidar", 0).parent, "base");
  assertPose(tree.placeOf("lidar", 0).pose, pose(1));
  // Two metres along map's y are along the robot's x.
  assertPose(tree.placeOf("tower", 0).pose, pose(2, 0, 0, -90));
  assertPose(tree.placeOf("map", 0).pose, pose(-5, 5, 0, -90));
  assertEquals(tree.placeOf("base", 0), { frameId: "base" });
  // What doesn't hang together with it stands in its own root.
  assertEquals(tree.placeOf("camera", 0).parent, "elsewhere");
});

Deno.test("A cloud that stands in its frame is placed through it", () => {
  const { tree, fix } = robot();
  fix("base", "lidar", pose(1, 0, 0, 90));
  assertPose(tree.placeOf("lidar", 0, pose(2)).pose, pose(1, 2, 0, 90));
  assertEquals(tree.placeOf("alone", 0), { frameId: "alone" });
  assertEquals(tree.placeOf("alone", 0, pose(2)), {
    parent: "alone",
    pose: pose(2),
  });
});

Deno.test("Loops end", () => {
  const { tree, fix } = robot();
  fix("a", "a", pose(1));
  assertEquals(tree.placeOf("a", 0), { frameId: "a" });
  fix("a", "b", pose(1));
  fix("b", "c", pose(1));
  fix("c", "a", pose(1));
  assertEquals(tree.placeOf("c", 0).parent, "a");
});

Deno.test("A new parent, and time that goes back, begin a frame anew", () => {
  const { tree, add } = robot();
  add("map", "base", 50_000, pose(1));
  add("odom", "base", 50_000, pose(2));
  assertEquals(tree.placeOf("base", 0).parent, "odom");
  add("odom", "base", 1_000, pose(3));
  assertPose(tree.placeOf("base", 50_000).pose, pose(3));
});

Deno.test("What is remembered is bounded", () => {
  const { tree, add } = robot();
  for (let i = 0; i <= 5000; i++) add("odom", "base", i * 5, pose(i));
  // Of 25 seconds the last 1,000 moments are known, which are 5 seconds.
  assertPose(tree.placeOf("base", 0).pose, pose(4001));
  add("odom", "base", 40_000, pose(9));
  assertPose(tree.placeOf("base", 0).pose, pose(9));
  for (let i = 0; i < 2000; i++) add("odom", `leg${i}`, 0, pose(i));
  assertEquals(tree.placeOf("leg998", 0).parent, "odom");
  assertEquals(tree.placeOf("leg1500", 0), { frameId: "leg1500" });
});
