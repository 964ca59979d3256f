import { assertEquals } from "@std/assert";
import { messageReaderOf } from "../../lib/ros/messages.ts";
import {
  writeCompressedAudio,
  writeCompressedVideo,
  writeTransforms,
} from "../../lib/ros/write_messages.ts";

const STAMP = 1_700_000_000_250;

function read(name: string, bytes: Uint8Array) {
  return messageReaderOf({ name, encoding: "cdr" })!(bytes);
}

Deno.test("transforms are read as they were written", () => {
  const transform = (child: string, x: number) => ({
    stamp: STAMP,
    child,
    pose: { translation: [x, 2, 3], rotation: [0, 0, 0, 1] },
  } as const);
  const all = [transform("lidar", 1), transform("a camera", -1.5)];
  const bytes = writeTransforms(
    all.map((each) => ({ ...each, frameId: "base" })),
  );
  assertEquals(read("tf2_msgs/msg/TFMessage", bytes), {
    kind: "transforms",
    transforms: all.map((each) => ({ ...each, parent: "base" })),
  });
});

Deno.test("video is read as it was written", () => {
  const media = { stamp: STAMP, frameId: "camera", format: "h264" } as const;
  const bytes = writeCompressedVideo({
    ...media,
    bytes: Uint8Array.of(0, 0, 1, 9),
  });
  assertEquals(read("foxglove_msgs/msg/CompressedVideo", bytes), {
    kind: "picture",
    ...media,
    bytes: Uint8Array.of(0, 0, 1, 9),
  });
});

Deno.test("sound is read as it was written", () => {
  const sound = { stamp: STAMP, bytes: Uint8Array.of(1, 2) };
  const message = writeCompressedAudio({ ...sound, format: "opus" });
  assertEquals(
    read("foxglove_msgs/msg/CompressedAudio", message),
    { kind: "sound", ...sound },
  );
});
