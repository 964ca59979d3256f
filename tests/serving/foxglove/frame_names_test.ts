import { assertEquals } from "@std/assert";
import {
  frameName,
  streamFrame,
  transformOf,
} from "../../../lib/serving/foxglove/frame_names.ts";

Deno.test("Frames of two robots can be told apart, but for the earth", () => {
  assertEquals(frameName("robot-7", "base_link"), "robot-7/base_link");
  assertEquals(frameName("lab/robot-7", "/map"), "lab/robot-7/map");
  assertEquals(frameName("robot-7", "earth"), "earth");
  assertEquals(frameName("robot-7", "/earth"), "earth");
});

Deno.test("A stream without a frame has one of its own name", () => {
  assertEquals(streamFrame("robot-7", "front", {}), "robot-7/front");
  const pose = {
    translation: [1, 2, 3],
    rotation: [0, 0, 0, 1],
  } as const;
  const at = { session: "robot-7", stream: "front", stamp: 5 };
  // As of a message whose points stand somewhere in their frame.
  assertEquals(transformOf({ ...at, place: { parent: "map", pose } }), {
    ...{ stamp: 5, frameId: "robot-7/map", child: "robot-7/front", pose },
  });
  assertEquals(transformOf({ ...at, place: { frameId: "lidar" } }), undefined);
  // A frame can't stand in itself: a tree of them would have a loop.
  const itself = { frameId: "map", parent: "/map", pose };
  assertEquals(transformOf({ ...at, place: itself }), undefined);
});
