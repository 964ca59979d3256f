import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  ConversionError,
  FrameConverter,
} from "../../lib/hosting/frame_converter.ts";
import {
  FILE_TARGETS,
  type FrameTarget,
} from "../../lib/hosting/frame_targets.ts";
import { decodeFile } from "../../lib/points/formats.ts";
import { decodePointCloud2 } from "../../lib/points/pointcloud2/pointcloud2.ts";
import { assertSameBits, typedCloud } from "../points/file_clouds.ts";
import { testWith } from "../support.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

const CLOUD = typedCloud("x,y,z,intensity,ring:u2", [
  [1, 2, 3, 0.5, 7],
  [-1, 0.25, 4, 1, 65535],
]);

/** Positions are rounded in the others. */
const isExact = (target: FrameTarget) =>
  target !== "cloudini" && target !== "las";

function stubborn(timeoutMs?: number): FrameConverter {
  const entry = new URL("./stubborn_converter.ts", import.meta.url);
  // `deno test` checks its types first.
  return new FrameConverter({
    ...{ timeoutMs, entry, maxWaiting: 1 },
    startMs: 300_000,
  });
}

testWith([], "FrameConverter writes a frame as each file", async (t) => {
  using converter = new FrameConverter();
  for (const target of FILE_TARGETS) {
    await t.step(target, async () => {
      const frame = encodedFrame(CLOUD, "raw");
      const bytes = await converter.convert(frame, target);
      const read = await decodeFile(`cloud.${target}`, bytes);
      assertEquals(read.points, CLOUD.points);
      if (isExact(target)) assertSameBits(read, CLOUD);
      assertEquals(frame.bytes.length, CLOUD.data.length, "the frame stays");
    });
  }
});

testWith(
  [],
  "FrameConverter stamps a PointCloud2 by its own clock",
  async () => {
    using converter = new FrameConverter();
    const frame = encodedFrame(CLOUD, "raw", {
      place: { frameId: "lidar" },
      clock: { offset: 1000, error: 1 },
    });
    const bytes = await converter.convert(frame, "pointcloud2");
    const { cloud, frameId, stamp } = decodePointCloud2(bytes);
    assertSameBits(cloud, CLOUD);
    assertEquals([frameId, stamp], ["lidar", frame.captureTime - 1000]);
  },
);

Deno.test("FrameConverter starts no Worker for what is so already", async () => {
  using converter = new FrameConverter({ entry: new URL("nowhere:") });
  const frame = encodedFrame(CLOUD, "npy");
  assertStrictEquals(await converter.convert(frame, "npy"), frame.bytes);
});

testWith([], "FrameConverter says what is wrong with a frame", async () => {
  using converter = new FrameConverter();
  const broken = encodedFrame(CLOUD, "npy", { bytes: new Uint8Array(8) });
  const error = await assertRejects(
    () => converter.convert(broken, "pcd"),
    ConversionError,
  );
  assertEquals(error.reason, "impossible");
  // The next one is not held up by it.
  await converter.convert(encodedFrame(CLOUD, "npy"), "pcd");
});

testWith([], "FrameConverter goes on after its Worker died", async () => {
  using converter = stubborn();
  const frame = encodedFrame(CLOUD, "raw");
  const died = converter.convert(frame, "ply");
  const next = converter.convert(frame, "npy");
  const { reason, message } = await assertRejects(() => died, ConversionError);
  assertEquals(reason, "failed");
  assertEquals(message.includes("it died of PLY"), true, message);
  assertSameBits(await decodeFile("cloud.npy", await next), CLOUD);
});

testWith([], "FrameConverter goes on after its Worker hung", async () => {
  using converter = stubborn(100);
  const frame = encodedFrame(CLOUD, "raw");
  const hangs = converter.convert(frame, "cloudini");
  const { reason } = await assertRejects(() => hangs, ConversionError);
  assertEquals(reason, "failed");
});

testWith(
  [],
  "FrameConverter shares what is under way, and queues no more than it may",
  async () => {
    const converter = stubborn();
    const frame = encodedFrame(CLOUD, "raw");
    const first = assertRejects(() => converter.convert(frame, "cloudini"));
    const second = assertRejects(() => converter.convert(frame, "cloudini"));
    const waiting = assertRejects(() => converter.convert(frame, "npy"));
    const { reason } = await assertRejects(
      () => converter.convert(frame, "pcd"),
      ConversionError,
    );
    assertEquals(reason, "busy");
    converter[Symbol.dispose]();
    for (const error of await Promise.all([first, second, waiting])) {
      assertEquals((error as ConversionError).reason, "closed");
    }
  },
);
