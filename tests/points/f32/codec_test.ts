import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pointCloud } from "../../../lib/points/cloud.ts";
import { PointsError } from "../../../lib/points/errors.ts";
import { F32Decoder, F32Encoder } from "../../../lib/points/f32/codec.ts";

const VALUES = Float32Array.of(1, 2, 3, 4, NaN, 6, 7, 8, 9, 10, 11, 12);

Deno.test("F32Encoder gives a view of the cloud's values", () => {
  const cloud = pointCloud(VALUES.subarray(3));
  const { codec, bytes } = new F32Encoder().encode(cloud);
  assertEquals(codec, "f32");
  assertStrictEquals(bytes.buffer, VALUES.buffer);
  assertEquals([bytes.byteOffset, bytes.length], [12, 36]);
});

Deno.test("F32Decoder names the fields that it was told", () => {
  const { bytes } = new F32Encoder().encode(pointCloud(VALUES));
  const fields = ["x", "y", "z", "intensity"];
  assertEquals(new F32Decoder().decode(bytes), pointCloud(VALUES));
  const cloud = new F32Decoder({ fields }).decode(bytes);
  assertEquals(cloud, pointCloud(VALUES, fields));
  assertStrictEquals(cloud.values.buffer, VALUES.buffer);
});

Deno.test("F32Decoder reads bytes of any alignment", () => {
  const decoder = new F32Decoder();
  for (let offset = 0; offset < 8; offset++) {
    for (const points of [4, 0, 2]) {
      const values = VALUES.subarray(0, points * 3);
      const buffer = new Uint8Array(offset + values.byteLength);
      buffer.set(new F32Encoder().encode(pointCloud(values)).bytes, offset);
      const bytes = buffer.subarray(offset);
      assertEquals(decoder.decode(bytes), pointCloud(values));
    }
  }
});

Deno.test("F32Decoder refuses parts of points", () => {
  for (const length of [1, 11, 13, 16]) {
    const error = assertThrows(
      () => new F32Decoder().decode(new Uint8Array(length)),
      PointsError,
      `${length} bytes are not a whole number of points of 12 bytes`,
    );
    assertEquals(error.reason, "length");
  }
});

Deno.test("F32Decoder refuses fields that a cloud can't have", () => {
  for (const fields of [[], ["x", "y"], ["x", "y", "z", "x"]]) {
    assertThrows(() => new F32Decoder({ fields }), PointsError);
  }
});
