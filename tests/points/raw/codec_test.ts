import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type CloudLayout,
  column,
  createCloud,
  float32Fields,
  pointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { PointsError } from "../../../lib/points/errors.ts";
import { packFields, type PointField } from "../../../lib/points/field.ts";
import { RawDecoder, RawEncoder } from "../../../lib/points/raw/codec.ts";

const VALUES = Float32Array.of(1, 2, 3, 4, NaN, 6, 7, 8, 9, 10, 11, 12);

/** Points as a lidar has them: 26 bytes, not aligned. */
const LIDAR = packFields([
  { name: "x", type: "float32" },
  { name: "y", type: "float32" },
  { name: "z", type: "float32" },
  { name: "intensity", type: "float32" },
  { name: "ring", type: "uint16" },
  { name: "timestamp", type: "float64" },
]);

function lidarCloud(points: number, height = 1) {
  const data = Uint8Array.from({ length: points * 26 }, (_, i) => i * 7 + 3);
  return createCloud({ ...LIDAR, data, height });
}

function layout(...names: string[]): CloudLayout {
  return { ...float32Fields(names), height: 1 };
}

Deno.test("RawEncoder gives a view of a cloud's bytes, whatever its types", () => {
  const floats = pointCloud(VALUES.subarray(3));
  const { codec, bytes, steps } = new RawEncoder("f32").encode(floats);
  assertEquals([codec, steps], ["f32", {}]);
  assertStrictEquals(bytes.buffer, VALUES.buffer);
  assertEquals([bytes.byteOffset, bytes.length], [12, 36]);
  assertEquals(new RawEncoder("raw").encode(floats).codec, "raw");
  const typed = lidarCloud(3);
  const encoded = new RawEncoder("f32").encode(typed);
  assertEquals(encoded.codec, "raw");
  assertStrictEquals(encoded.bytes, typed.data);
});

Deno.test("RawDecoder gives back what RawEncoder wrote", () => {
  const pose = {
    translation: [1, 2, 3] as const,
    rotation: [0, 0, 0, 1] as const,
  };
  for (const height of [1, 2, 3]) {
    const cloud = { ...lidarCloud(6, height), viewpoint: pose };
    const { bytes, shape } = new RawEncoder("raw").encode(cloud);
    const decoder = new RawDecoder("raw", { layout: shape });
    const { data: _, ...due } = cloud;
    assertEquals(shape, due);
    assertEquals(decoder.decode(bytes), cloud);
  }
});

Deno.test("RawEncoder leaves padding out", () => {
  const fields: PointField[] = [
    { name: "z", type: "float32", offset: 12 },
    { name: "x", type: "float32", offset: 0 },
    { name: "y", type: "float32", offset: 4 },
    { name: "label", type: "uint8", offset: 17 },
  ];
  const data = Uint8Array.from({ length: 5 * 32 }, (_, i) => i);
  const padded = createCloud({ data, fields, stride: 32 });
  const { codec, bytes, shape } = new RawEncoder("raw").encode(padded);
  assertEquals([codec, bytes.length, shape.stride], ["raw", 5 * 13, 13]);
  const decoded = new RawDecoder("raw", { layout: shape }).decode(bytes);
  for (const { name } of fields) {
    assertEquals(column(decoded, name), column(padded, name));
  }
});

Deno.test("RawDecoder takes points for float32 x y z where nobody says it", () => {
  const { bytes } = new RawEncoder("f32").encode(pointCloud(VALUES));
  assertEquals(new RawDecoder("f32").decode(bytes), pointCloud(VALUES));
});

Deno.test("RawDecoder reads bytes at any offset of their buffer, without copying", () => {
  for (let offset = 0; offset < 8; offset++) {
    for (const points of [4, 0, 2]) {
      const values = VALUES.slice(0, points * 3);
      const buffer = new Uint8Array(offset + values.byteLength + 3);
      buffer.set(new Uint8Array(values.buffer), offset);
      const bytes = buffer.subarray(offset, offset + values.byteLength);
      const cloud = new RawDecoder("f32").decode(bytes);
      assertStrictEquals(cloud.data, bytes);
      assertEquals(toFloat32(cloud), values);
    }
  }
});

Deno.test("RawDecoder refuses parts of points, and of rows", () => {
  for (const length of [1, 11, 13, 16]) {
    const error = assertThrows(
      () => new RawDecoder("f32").decode(new Uint8Array(length)),
      PointsError,
      `${length} bytes are not a whole number of points of 12 bytes`,
    );
    assertEquals(error.reason, "length");
  }
  const rows = { ...layout("x", "y", "z"), height: 4 };
  assertThrows(
    () => new RawDecoder("raw", { layout: rows }).inspect(new Uint8Array(72)),
    PointsError,
    "72 bytes are not a whole number of 4 rows of points of 12 bytes",
  );
});

Deno.test("RawDecoder refuses fields that a cloud can't have", () => {
  const outside: CloudLayout = {
    ...layout("x", "y", "z"),
    stride: 11,
  };
  const layouts = [layout("x", "y"), layout("x", "y", "z", "x"), outside];
  for (const layout of layouts) {
    assertThrows(() => new RawDecoder("raw", { layout }), PointsError);
  }
  const typed = { ...LIDAR, height: 1 };
  assertThrows(() => new RawDecoder("f32", { layout: typed }), PointsError);
});
