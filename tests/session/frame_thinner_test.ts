import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  FrameThinner,
  MAX_SELECTIONS,
  SelectionsError,
} from "../../lib/session/frame_thinner.ts";
import { readCloudiniHeader } from "../../lib/points/cloudini/header.ts";
import {
  createCloud,
  float32Fields,
  namesOf,
  toFloat32,
} from "../../lib/points/cloud.ts";
import type { FrameCodec } from "../../lib/points/codec.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { select } from "../../lib/points/select.ts";
import { XYZ } from "../../lib/points/field.ts";
import { lidarSource } from "../../lib/sources/synthetic/lidar.ts";
import { thin } from "../../lib/points/thin.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import { FrameReader } from "../../lib/wire/frame_reader.ts";

const POINTS = 1000;

/** x, y, z of steps of 2 mm, an exact intensity, and a ring. */
function makeCloud() {
  const stride = 18;
  const data = new Uint8Array(POINTS * stride);
  const view = new DataView(data.buffer);
  for (let i = 0; i < POINTS; i++) {
    const at = i * stride;
    view.setFloat32(at, 0.002 * i, true);
    view.setFloat32(at + 4, -0.002 * i, true);
    view.setFloat32(at + 8, 0.5, true);
    view.setFloat32(at + 12, Math.fround(Math.sin(i)), true);
    view.setUint16(at + 16, i % 64, true);
  }
  const fields = (["x", "y", "z", "intensity"] as const).map((name, i) => ({
    name,
    type: "float32" as const,
    offset: 4 * i,
  }));
  return createCloud({
    data,
    stride,
    fields: [...fields, { name: "ring", type: "uint16", offset: 16 }],
  });
}

function encoded(codec: FrameCodec, cloud = makeCloud()): EncodedFrame {
  const options = codec === "cloudini" ? { resolution: 0.002 } : {};
  const made = createEncoder(codec, options).encode(cloud);
  return {
    ...made.shape,
    codec: made.codec,
    bytes: new Uint8Array(made.bytes),
    number: 7,
    captureTime: 123,
    stream: "points",
  };
}

Deno.test("A level of coarser steps has all points, and is made once", () => {
  const frame = encoded("cloudini", lidarSource(POINTS).next(0, 0));
  const thinner = new FrameThinner();
  const level = { pointShare: 1, resolutionFactor: 8 };
  const coarse = thinner.thin(frame, level);
  assertStrictEquals(thinner.thin(frame, level), coarse);
  assertEquals(coarse.points, POINTS);
  assertLess(coarse.bytes.length, frame.bytes.length);
  const [before, after] = [frame, coarse].map((one) => {
    const { fields, ...cloud } = new FrameReader("").decode(one);
    return toFloat32({ ...cloud, fields, data: cloud.data.slice() }, XYZ);
  });
  const off = before.map((value, i) => Math.abs(value - after[i]));
  const most = Math.max(...off);
  // Half a step of 16 mm, and more than one of 2 mm.
  assert(0.002 < most && most < 0.0081, `${most}`);
});

Deno.test("Coarser steps change no field but x, y and z", () => {
  const layout = float32Fields(["x", "y", "z", "label"]);
  const values = Float32Array.from(
    { length: 4 * POINTS },
    (_, i) => i % 4 === 3 ? i % 20 : Math.sin(i) * 50,
  );
  const data = new Uint8Array(values.buffer);
  const frame = encoded("cloudini", createCloud({ data, ...layout }));
  // It is in steps, of 1, that hold it exactly.
  const { fields } = readCloudiniHeader(frame.bytes).header;
  assert(fields.every(({ resolution }) => resolution !== undefined));
  const thinner = new FrameThinner();
  const coarse = thinner.thin(frame, { pointShare: 1, resolutionFactor: 8 });
  const [before, after] = [frame, coarse].map((one) =>
    toFloat32(new FrameReader("").decode(one), ["label"]).slice()
  );
  assertEquals(after, before);
});

Deno.test("What is exact in a frame stays so in its parts", () => {
  const values = Float32Array.from(
    { length: 3 * POINTS },
    (_, i) => Math.sin(i),
  );
  const data = new Uint8Array(values.buffer);
  const cloud = createCloud({ data, ...float32Fields(XYZ) });
  const { shape, bytes, codec } = createEncoder("cloudini", { exact: XYZ })
    .encode(cloud);
  const name = { number: 7, captureTime: 123, stream: "points" };
  const frame = { ...shape, ...name, codec, bytes: new Uint8Array(bytes) };
  const thinner = new FrameThinner();
  assertEquals(thinner.isRounded(frame), false);
  const half = thinner.thin(frame, { pointShare: 0.5, resolutionFactor: 8 });
  assertEquals(
    toFloat32(new FrameReader("").decode(half)),
    toFloat32(thin(cloud, 0.5)),
  );
});

Deno.test("What has no steps is sent as it is where coarser ones are wanted", () => {
  const thinner = new FrameThinner();
  for (const codec of ["raw", "npy"] as const) {
    const frame = encoded(codec);
    const level = { pointShare: 1, resolutionFactor: 8 };
    assertEquals(thinner.isRounded(frame), false);
    assertStrictEquals(thinner.thin(frame, level), frame);
  }
});

for (const codec of ["cloudini", "raw", "npy"] as const) {
  Deno.test(`FrameThinner keeps a share of ${codec}, value for value`, () => {
    const frame = encoded(codec);
    const thinned = new FrameThinner().thin(frame, { pointShare: 0.3 });
    assertEquals(thinned.points, 250);
    const { number, captureTime, stream } = thinned;
    assertEquals([number, captureTime, stream], [7, 123, "points"]);
    assertEquals(thinned.codec, frame.codec);
    assert(thinned.bytes.length < 0.5 * frame.bytes.length);
    const names = ["x", "y", "z", "intensity", "ring"];
    const all = new FrameReader("").decode(frame);
    const expected = toFloat32(thin(all, 0.25), names).slice();
    const got = toFloat32(new FrameReader("").decode(thinned), names);
    assertEquals(got, expected);
  });
}

Deno.test("FrameThinner makes each share of a frame once", () => {
  const thinner = new FrameThinner();
  const frame = encoded("cloudini");
  assertStrictEquals(thinner.thin(frame, { pointShare: 1 }), frame);
  assertStrictEquals(
    thinner.thin(frame, { pointShare: 0.5 }),
    thinner.thin(frame, { pointShare: 0.6 }),
  );
  assertEquals(thinner.thin(frame, { pointShare: 0.5 }).points, 500);
  assertEquals(
    thinner.thin(frame, { pointShare: 1e-9 }).points,
    Math.round(1000 / 256),
  );
});

const NEAR = { min: [-9, -9, -9], max: [0.999, 9, 9] } as const;

for (const codec of ["cloudini", "raw", "npy"] as const) {
  Deno.test(`FrameThinner makes a part of ${codec}, value for value`, () => {
    const frame = encoded(codec);
    const thinner = new FrameThinner();
    using wanted = thinner.open({ box: NEAR, fields: ["ring"] });
    const part = thinner.thin(frame, { pointShare: 0.5 }, wanted);
    assertEquals(namesOf(part.fields), ["x", "y", "z", "ring"]);
    const all = new FrameReader("").decode(frame);
    const names = namesOf(part.fields);
    const near = select(all, { box: NEAR });
    const expected = toFloat32(thin(near, 0.5), names).slice();
    assertEquals(near.points, 500);
    const got = toFloat32(new FrameReader("").decode(part), names);
    assertEquals(got, expected);
    assertEquals(part.codec, frame.codec);
  });
}

Deno.test("FrameThinner makes an empty frame of an empty box", () => {
  for (const codec of ["cloudini", "raw", "npy"] as const) {
    const thinner = new FrameThinner();
    const box = { min: [50, 50, 50], max: [51, 51, 51] } as const;
    const part = thinner.thin(
      encoded(codec),
      { pointShare: 0.25 },
      thinner.open({ box }),
    );
    assertEquals(part.points, 0);
    assertEquals(new FrameReader("").decode(part).points, 0);
  }
});

Deno.test("FrameThinner makes each part once, and so many", () => {
  const thinner = new FrameThinner();
  const frame = encoded("cloudini");
  const first = thinner.open({ fields: ["ring", "x"], every: 1 });
  using same = thinner.open({ fields: ["ring"] });
  assertStrictEquals(
    thinner.thin(frame, { pointShare: 1 }, first),
    thinner.thin(frame, { pointShare: 1 }, same),
  );
  using all = thinner.open({ every: 1 });
  assertStrictEquals(thinner.thin(frame, { pointShare: 1 }, all), frame);
  for (let every = 3; every <= MAX_SELECTIONS; every++) thinner.open({ every });
  const more = () => thinner.open({ every: 99 });
  assertThrows(more, SelectionsError, "take one of theirs");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertThrows(more, SelectionsError);
  same[Symbol.dispose]();
  more();
});
