/** Clouds and checks that the tests of the file formats share. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type PointCloud, pointCloud } from "../../lib/points/cloud.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../lib/points/errors.ts";

/** Any float32 there is by its bits: each NaN, both zeros, denormals. */
const anyBits = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 0x80000000, 1, 0x807fffff, 0x7f7fffff, 0x7f800000),
  fc.constantFrom(0xff800000, 0x7fc00000, 0x7f800001, 0xffc01234),
);

const NAMES = [["x", "y", "z"], ["x", "y", "z", "intensity"], [
  ...["x", "y", "z", "a", "b_0", "Ω"],
]];

/** Any cloud of up to 40 points. */
export const anyCloud: fc.Arbitrary<PointCloud> = fc.tuple(
  fc.constantFrom(...NAMES),
  fc.integer({ min: 0, max: 40 }),
).chain(([fields, points]) => {
  const length = points * fields.length;
  return fc.array(anyBits, { minLength: length, maxLength: length })
    .map((words) =>
      pointCloud(new Float32Array(Uint32Array.from(words).buffer), fields)
    );
});

/** Views a cloud's values as bits. */
export function bits({ values }: PointCloud): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Checks that two clouds are the same, bit for bit. */
export function assertSameBits(actual: PointCloud, expected: PointCloud): void {
  assertEquals(actual.fields, expected.fields);
  assertEquals(actual.points, expected.points);
  assertEquals(bits(actual), bits(expected));
}

/** Checks that two clouds are the same float32 values, any NaN like another. */
export function assertSameValues(
  actual: PointCloud,
  expected: PointCloud,
): void {
  assertEquals(actual.fields, expected.fields);
  assertEquals(actual.points, expected.points);
  const at = actual.values.findIndex((value, i) =>
    !Object.is(value, expected.values[i])
  );
  assert(at < 0, `value ${at}: ${actual.values[at]}, ${expected.values[at]}`);
  assertEquals(actual.values.length, expected.values.length);
}

/** Checks that bytes are read as points or refused as they should be. */
export function decodesOrThrows(
  decode: (bytes: Uint8Array) => PointCloud,
  bytes: Uint8Array,
): void {
  let cloud;
  try {
    cloud = decode(bytes);
  } catch (error) {
    assert(error instanceof PointsError, `${error}`);
    return;
  }
  assertEquals(cloud.values.length, cloud.points * cloud.fields.length);
}

/** Cuts a file short everywhere, and changes some of its bytes. */
export function damage(
  decode: (bytes: Uint8Array) => PointCloud,
  file: Uint8Array,
): void {
  for (let length = 0; length < file.length; length++) {
    decodesOrThrows(decode, file.subarray(0, length));
  }
  const byte = fc.tuple(
    fc.nat(file.length - 1),
    fc.oneof(
      fc.nat(255),
      fc.constantFrom(0, 10, 13, 32, 45, 46, 48, 57, 95, 255),
    ),
  );
  const changes = fc.array(byte, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, (changed) => {
      const copy = file.slice();
      for (const [at, value] of changed) copy[at] = value;
      decodesOrThrows(decode, copy);
    }),
    { numRuns: 2000 },
  );
}

/** Checks that bytes are refused, for a reason and with words that tell it. */
export function assertRefused(
  decode: () => unknown,
  reason: PointsErrorReason,
  ...words: string[]
): void {
  const error = assertThrows(decode, PointsError, words[0]);
  assertEquals(error.reason, reason, error.message);
  for (const word of words) assert(error.message.includes(word), error.message);
}

/** Encodes a file's text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Joins texts and bytes. */
export function concat(
  ...parts: (string | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  const all = parts.map((part) => typeof part === "string" ? utf8(part) : part);
  const size = all.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Reads one of the small files, in tests/data/clouds. */
export function readSmall(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../data/clouds/${name}`, import.meta.url));
}

/** Reads a file beside the repository; undefined where it is absent. */
export function readShared(name: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(
      new URL(`../../../shared/data/${name}`, import.meta.url),
    );
  } catch {
    return undefined;
  }
}
