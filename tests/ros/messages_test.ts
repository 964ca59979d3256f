import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  column,
  createCloud,
  namesOf,
  type PointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { PointsError } from "../../lib/points/errors.ts";
import type { RosMessage } from "../../lib/ros/message.ts";
import { messageKindOf } from "../../lib/ros/message_kinds.ts";
import { messageReaderOf } from "../../lib/ros/messages.ts";
import type { MessageEncoding } from "../../lib/ros/schema.ts";
import { ROOT, testWith } from "../support.ts";
import { readShared, typedCloud } from "../points/file_clouds.ts";
import { compressedCloudMessage } from "./compressed_cloud_message.ts";

/** What tests/ros/write_messages.py writes. */
interface Written {
  name: string;
  encoding: MessageEncoding;
  data: string;
}

async function writeMessages(): Promise<Written[]> {
  const { stdout, stderr } = await new Deno.Command(
    Deno.env.get("BAGS_PYTHON")!,
    { args: [`${ROOT}tests/ros/write_messages.py`] },
  ).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert(lines.length > 20, new TextDecoder().decode(stderr));
  return lines.map((line) => JSON.parse(line));
}

const STAMP = 1_700_000_000_250;

const POINTS = typedCloud(
  "x,y,z,ring:u2,time:f8",
  Array.from({ length: 6 }, (_, i) => [
    ...[i, -i / 2, i / 4, 60000 + i, 1.7e9 + i / 8],
  ]),
);
const PICTURE = Uint8Array.from({ length: 256 }, (_, i) => i);
const POSE = {
  translation: [1, 2, 3] as const,
  rotation: [0, 0, 0.6, 0.8] as const,
};
const TRANSFORM = {
  parent: "lidar",
  child: "camera",
  stamp: STAMP,
  pose: POSE,
};
/** A ray every half radian, of which three have an echo in range. */
const ECHOES = [[1, 0], [2, 2], [3, 5]];

function checkCloud(message: RosMessage, rows: number) {
  assert(message.kind === "cloud");
  assertEquals(message.frameId, "lidar");
  assertEquals(message.stamp, STAMP);
  assertSamePoints(message.cloud, rows);
}

function assertSamePoints(cloud: PointCloud, rows: number) {
  assertEquals(cloud.height, rows);
  assertEquals(cloud.fields, POINTS.fields);
  for (const { name } of POINTS.fields) {
    assertEquals(column(cloud, name), column(POINTS, name));
  }
}

function checkScan(message: RosMessage, beyond: number[][]) {
  assert(message.kind === "cloud");
  assertEquals(message.frameId, "lidar");
  assertEquals(message.stamp, STAMP);
  assertEquals(namesOf(message.cloud.fields), ["x", "y", "z", "intensity"]);
  const expected = [...ECHOES, ...beyond].flatMap(([range, ray]) => [
    range * Math.cos(ray / 2),
    range * Math.sin(ray / 2),
    0,
    ray,
  ]);
  assertEquals(toFloat32(message.cloud), Float32Array.from(expected));
}

function checkPicture(message: RosMessage, format: string, frameId = "cam") {
  assert(message.kind === "picture");
  const { kind: _, ...picture } = message;
  assertEquals(picture, {
    format: message.format,
    bytes: PICTURE,
    stamp: STAMP,
    frameId,
  });
  assertEquals(message.format, format);
}

function checkTransforms(message: RosMessage, count: number) {
  assert(message.kind === "transforms");
  assertEquals(message.transforms, Array(count).fill(TRANSFORM));
}

const CHECKS: Record<string, (message: RosMessage) => void> = {
  "sensor_msgs/PointCloud2": (message) => checkCloud(message, 2),
  "sensor_msgs/LaserScan": (message) => checkScan(message, []),
  "sensor_msgs/CompressedImage": (message) =>
    checkPicture(message, "jpeg", "lidar"),
  "tf2_msgs/TFMessage": (message) => checkTransforms(message, 2),
  "tf/tfMessage": (message) => checkTransforms(message, 1),
  "point_cloud_interfaces/CompressedPointCloud2": (message) =>
    checkCloud(message, 2),
  "foxglove/PointCloud": (message) => {
    checkCloud(message, 1);
    assertEquals(message.kind === "cloud" && message.pose, POSE);
  },
  // Nothing says that the last ray's echo is too far away.
  "foxglove/LaserScan": (message) => checkScan(message, [[25, 6]]),
  "foxglove/CompressedImage": (message) => checkPicture(message, "webp"),
  "foxglove/CompressedVideo": (message) => checkPicture(message, "h264"),
  "foxglove/CompressedAudio": (message) =>
    assertEquals(message, { kind: "sound", stamp: STAMP, bytes: PICTURE }),
  "foxglove/FrameTransform": (message) => checkTransforms(message, 1),
  "foxglove/FrameTransforms": (message) => checkTransforms(message, 2),
};

testWith(
  ["bag writers"],
  "Messages of ROS 2, ROS 1 and Foxglove are read value by value",
  async () => {
    const checked = new Set<string>();
    for (const { name, encoding, data } of await writeMessages()) {
      const type = name.replace("/msg/", "/")
        .replace(/^foxglove(_msgs\/|\.)/, "foxglove/");
      const message = messageReaderOf({ name, encoding })!(
        Uint8Array.fromBase64(data),
      );
      CHECKS[type](message);
      checked.add(type);
    }
    assertEquals([...checked].toSorted(), Object.keys(CHECKS).toSorted());
  },
);

testWith(
  ["bag writers"],
  "A message that is cut off anywhere, or damaged, is refused by its type's name",
  async () => {
    for (const { name, encoding, data } of await writeMessages()) {
      const read = messageReaderOf({ name, encoding })!;
      const bytes = Uint8Array.fromBase64(data);
      let refused = 0;
      for (let length = 0; length < bytes.length; length++) {
        refused += countRefusal(() => read(bytes.subarray(0, length)), name);
        const damaged = bytes.slice();
        damaged[length] ^= 0xff;
        countRefusal(() => read(damaged), name);
      }
      assert(refused > 10, `${name}: ${refused} of ${bytes.length}`);
    }
  },
);

function countRefusal(read: () => void, name: string): number {
  try {
    read();
    return 0;
  } catch (error) {
    assert(error instanceof PointsError, `${name}: ${error}`);
    assert(error.message.startsWith(`${name}: `), error.message);
    return 1;
  }
}

Deno.test("Foxglove's JSON is read", () => {
  const cloud = {
    timestamp: { sec: 1_700_000_000, nsec: 250_000_000 },
    frame_id: "lidar",
    point_stride: 22,
    fields: POINTS.fields.map(({ name, offset }, i) => ({
      ...{ name, offset },
      type: [7, 7, 7, 3, 8][i],
    })),
    data: POINTS.data.toBase64(),
  };
  const schema = { name: "foxglove.PointCloud", encoding: "json" } as const;
  const read = messageReaderOf(schema)!;
  const encode = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value));
  checkCloud(read(encode(cloud)), 1);
  for (
    const [change, why] of [
      [{ fields: 5 }, "fields is not a list"],
      [{ data: "%" }, "data is not base64"],
      [{ frame_id: 7 }, "frame_id is not a text"],
      [{ point_stride: "22" }, "point_stride is not a number"],
      [{ point_stride: 21 }, "lies outside of its point"],
      [{ timestamp: { sec: "now" } }, "timestamp.sec is not a number"],
    ] as const
  ) {
    assertThrows(
      () => read(encode({ ...cloud, ...change })),
      PointsError,
      `foxglove.PointCloud: ${why}`.slice(0, 20),
    );
    assertThrows(() => read(encode({ ...cloud, ...change })), PointsError, why);
  }
  assertThrows(() => read(encode(cloud).subarray(1)), PointsError, "no JSON");
});

Deno.test("Types that are none of ours have no reader", () => {
  for (const name of ["std_msgs/msg/String", "foxglove.Log", "", "toString"]) {
    assertEquals(messageReaderOf({ name, encoding: "cdr" }), undefined);
    assertEquals(messageKindOf(name), undefined);
  }
  const name = "sensor_msgs/msg/PointCloud2";
  assertEquals(messageKindOf(name), "cloud");
  assertEquals(messageReaderOf({ name, encoding: "protobuf" }), undefined);
});

testWith(["shared data"], "A cloud is a view of its message", () => {
  const bytes = readShared("pointcloud2_hesai.cdr")!;
  const name = "sensor_msgs/msg/PointCloud2";
  const message = messageReaderOf({ name, encoding: "cdr" })!(bytes);
  assert(message.kind === "cloud");
  assertEquals(message.cloud.points, 64_000);
  assertEquals(message.cloud.data.buffer, bytes.buffer);
});

Deno.test("Cloudini's clouds are handed on as they came, and decoded when asked", async () => {
  const { bytes } = createEncoder("cloudini", { resolution: 0.001 })
    .encode(POINTS);
  const message = read(compressedCloudMessage(POINTS, "cloudini", bytes));
  assert(message.kind === "encodedCloud");
  assertEquals(message.codec, "cloudini");
  assertEquals(message.bytes, bytes);
  const cloud = await message.decode();
  assertEquals(column(cloud, "ring"), column(POINTS, "ring"));
  assertEquals(column(cloud, "time"), column(POINTS, "time"));
});

Deno.test("A format of compressed clouds that isn't known is named", () => {
  const message = compressedCloudMessage(POINTS, "zlib", new Uint8Array(9));
  assertThrows(() => read(message), PointsError, 'format "zlib"');
});

Deno.test("A compressed cloud that would be too large is refused before it is decompressed", () => {
  const fields = [...POINTS.fields];
  const huge = { ...createCloud({ ...POINTS, fields }), width: 2 ** 31 };
  const message = compressedCloudMessage(huge, "zstd", new Uint8Array(9));
  assertThrows(() => read(message), PointsError, "at most");
});

function read(bytes: Uint8Array): RosMessage {
  const name = "point_cloud_interfaces/msg/CompressedPointCloud2";
  return messageReaderOf({ name, encoding: "cdr" })!(bytes);
}
