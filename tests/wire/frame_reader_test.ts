import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  float32Fields,
  namesOf,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { FRAME_CODECS } from "../../lib/points/codec.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { FrameSizeError, PointsError } from "../../lib/points/errors.ts";
import type { FrameInfo } from "../../lib/wire/frame.ts";
import { FrameReader } from "../../lib/wire/frame_reader.ts";

const FIELDS = ["x", "y", "z", "intensity"];
const VALUES = Float32Array.from({ length: 40 }, (_, i) => i / 8);
const CLOUD = pointCloud(VALUES, FIELDS);

/** An encoded cloud, and what the chunks of its frame say. */
function encode(codec: FrameInfo["codec"], points = CLOUD.points) {
  const encoder = createEncoder(codec, {
    resolution: 1 / 8,
  });
  const info: FrameInfo = { number: 7, codec, points, captureTime: 5 };
  return { info, bytes: encoder.encode(CLOUD).bytes.slice() };
}

function layoutOf(fields = FIELDS) {
  return { ...float32Fields(fields), height: 1 };
}

function createReader(maxBytes?: number): FrameReader {
  const reader = new FrameReader("front", { maxBytes });
  reader.setLayout(layoutOf());
  return reader;
}

/** What a frame says of its cloud. */
function shapeOf({ data: _, ...shape }: PointCloud) {
  return shape;
}

for (const codec of FRAME_CODECS) {
  Deno.test(`FrameReader makes a frame of ${codec} without a copy, and decodes it`, () => {
    const { info, bytes } = encode(codec);
    const reader = createReader();
    const frame = reader.read(info, bytes);
    const due = { ...info, ...shapeOf(CLOUD), bytes, stream: "front" };
    assertEquals(frame, due);
    assertStrictEquals(frame.bytes, bytes);
    const decoded = reader.decode(frame);
    assertEquals(shapeOf(decoded), shapeOf(CLOUD));
    assertEquals(toFloat32(decoded), VALUES);
  });

  Deno.test(`FrameReader refuses a frame of ${codec} with other points than it says`, () => {
    const { info, bytes } = encode(codec, 11);
    const error = assertThrows(
      () => createReader().read(info, bytes),
      PointsError,
      "Frame 7 says 11 points and holds 10",
    );
    assertEquals(error.reason, "header");
  });

  Deno.test(`FrameReader refuses a frame of ${codec} that stands for too much`, () => {
    const { info, bytes } = encode(codec);
    assertEquals(createReader(160).read(info, bytes).points, 10);
    const error = assertThrows(() => createReader(159).read(info, bytes));
    assertEquals((error as PointsError).reason, "too-large");
    if (codec !== "cloudini") assert(error instanceof FrameSizeError);
  });

  Deno.test(`FrameReader refuses a frame of ${codec} that is cut off`, () => {
    const { info, bytes } = encode(codec);
    const cut = bytes.subarray(0, -1);
    const error = assertThrows(() => createReader().read(info, cut));
    assertEquals((error as PointsError).reason, "length");
  });
}

Deno.test("FrameReader decodes a frame with the fields that it came with", () => {
  const { info, bytes } = encode("f32");
  const reader = createReader();
  const frame = reader.read(info, bytes);
  reader.setLayout(layoutOf(["x", "y", "z", "ring"]));
  const later = reader.read(info, bytes);
  assertEquals(namesOf(reader.decode(frame).fields), FIELDS);
  assertEquals(namesOf(reader.decode(later).fields), ["x", "y", "z", "ring"]);
});

Deno.test("FrameReader takes f32 frames for x y z where nobody names fields", () => {
  const reader = new FrameReader("front");
  const info: FrameInfo = {
    number: 0,
    codec: "f32",
    points: 2,
    captureTime: 0,
  };
  const frame = reader.read(info, new Uint8Array(24));
  assertEquals(namesOf(frame.fields), ["x", "y", "z"]);
});

Deno.test("FrameReader refuses fields that a cloud can't have", () => {
  const cloud = pointCloud(VALUES.subarray(0, 30));
  const bytes = createEncoder("npy").encode(cloud).bytes.slice();
  const info: FrameInfo = {
    number: 0,
    codec: "npy",
    points: 15,
    captureTime: 0,
  };
  const text = new TextDecoder("latin1").decode(bytes);
  // Shape (10, 3) becomes (15, 2), of the same size.
  bytes.set(new TextEncoder().encode("(15, 2)"), text.indexOf("(10, 3)"));
  assertThrows(() => createReader().read(info, bytes), PointsError);
});
