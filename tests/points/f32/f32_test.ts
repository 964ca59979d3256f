import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { PointsError } from "../../../lib/points/errors.ts";
import {
  encodeF32,
  F32_POINT_BYTES,
  splitF32,
} from "../../../lib/points/f32/f32.ts";
import { toFloat32 } from "../../../lib/points/cloud.ts";
import { RawDecoder } from "../../../lib/points/raw/codec.ts";

const decodeF32 = (bytes: Uint8Array) =>
  toFloat32(new RawDecoder("f32").decode(bytes));

const VALUES = Float32Array.of(0, 0.5, -1, 1e-3, 3e38, -0);

Deno.test("encodeF32() gives a view of the values, little-endian", () => {
  const values = Float32Array.of(9, 1, -2, 0.5, 9).subarray(1, 4);
  const bytes = encodeF32(values);
  assertStrictEquals(bytes.buffer, values.buffer);
  assertEquals(
    [...bytes],
    [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f],
  );
});

Deno.test("RawDecoder reads what encodeF32() wrote, without copying", () => {
  const bytes = encodeF32(VALUES);
  const decoded = decodeF32(bytes);
  assertEquals(decoded, VALUES);
  assertStrictEquals(decoded.buffer, bytes.buffer);
});

Deno.test("RawDecoder keeps the bits of every NaN", () => {
  const bits = Uint32Array.of(0x7fc00001, 0xffffffff, 0x7f800001);
  const bytes = new Uint8Array(bits.buffer);
  assertEquals(encodeF32(decodeF32(bytes)), bytes);
});

Deno.test("splitF32() gives pieces of whole points within the limit", () => {
  for (const points of [1, 2, 3, 7, 100, 5461, 5462]) {
    const encoded = new Uint8Array(points * F32_POINT_BYTES);
    crypto.getRandomValues(encoded.subarray(0, 65_536));
    for (const limit of [12, 13, 23, 24, 100, 1200, 65_532, 65_536]) {
      const pieces = [...splitF32(encoded, limit)];
      for (const piece of pieces) {
        assert(piece.length > 0 && piece.length <= limit);
        assertEquals(piece.length % F32_POINT_BYTES, 0);
      }
      // As few as can be: only the last may be shorter than the others.
      const most = Math.floor(limit / F32_POINT_BYTES);
      assertEquals(pieces.length, Math.ceil(points / most));
      assertEquals(Buffer.concat(pieces).equals(encoded), true);
    }
  }
});

Deno.test("splitF32() gives one piece where there is no limit", () => {
  const encoded = encodeF32(VALUES);
  assertEquals([...splitF32(encoded, Infinity)], [encoded.slice()]);
});

Deno.test("splitF32() gives buffers of their own", () => {
  const encoded = encodeF32(Float32Array.of(1, 2, 3, 4, 5, 6));
  const [first, second] = splitF32(encoded, 12);
  encoded.fill(0);
  assertEquals(decodeF32(first), Float32Array.of(1, 2, 3));
  assertEquals(decodeF32(second), Float32Array.of(4, 5, 6));
  assertEquals(first.buffer.byteLength, 12);
});

Deno.test("splitF32() refuses a limit that holds no point", () => {
  for (const limit of [11, 1, 0, -12]) {
    const error = assertThrows(
      () => [...splitF32(encodeF32(VALUES), limit)],
      PointsError,
      `in messages of ${limit} bytes`,
    );
    assertEquals(error.reason, "too-large");
  }
});
