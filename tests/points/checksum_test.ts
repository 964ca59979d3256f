import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { checksumCloud } from "../../lib/points/checksum.ts";
import { createCloud, pack, type PointCloud } from "../../lib/points/cloud.ts";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import { anyCloud } from "./file_clouds.ts";

/** A cloud of one point, of so many bytes, and those bytes. */
function onePoint(...bytes: number[]): PointCloud {
  const { fields } = packFields(parseFieldList("x:u1,y:u1,z:u1"));
  const more = bytes.slice(3).map((_, i) => ({
    name: `${i}`,
    type: "uint8" as const,
    offset: i + 3,
  }));
  const data = Uint8Array.from(bytes);
  return createCloud({
    fields: [...fields, ...more],
    stride: data.length,
    data,
  });
}

/** FNV-1a by words, with unbounded integers: (hash ^ word) * prime mod 2^32. */
function expected(words: readonly number[]): number {
  const sum = words.reduce(
    (hash, word) => (hash ^ BigInt(word)) * 0x01000193n % 2n ** 32n,
    0x811c9dc5n,
  );
  return Number(sum);
}

Deno.test("checksumCloud() is FNV-1a over little-endian words, the last filled up", () => {
  assertEquals(
    checksumCloud(onePoint(1, 2, 3, 4, 5, 6, 7, 0xff)),
    expected([0x04030201, 0xff070605]),
  );
  assertEquals(checksumCloud(onePoint(1, 2, 3)), expected([0x030201]));
  assertEquals(
    checksumCloud(onePoint(1, 2, 3, 4, 0xfe)),
    expected([0x04030201, 0xfe]),
  );
  const none = { ...onePoint(1, 2, 3), points: 0, data: new Uint8Array() };
  assertEquals(checksumCloud(none), 0x811c9dc5);
});

Deno.test("checksumCloud() is of the points, wherever their bytes are", () => {
  fc.assert(fc.property(anyCloud(), fc.nat(7), (cloud, offset) => {
    const { data } = cloud;
    const moved = new Uint8Array(offset + data.length + 1).subarray(offset, -1);
    moved.set(data);
    const sum = checksumCloud(cloud);
    assertEquals(sum, sum >>> 0);
    assertEquals(checksumCloud({ ...cloud, data: moved }), sum);
    assertEquals(checksumCloud(pack(cloud)), sum);
  }));
});

Deno.test("checksumCloud() tells bits and their order apart", () => {
  const points = [[1, 2, 3, 4], [4, 3, 2, 1], [1, 2, 3], [1, 2, 3, 0, 0]];
  const seen = new Set(
    points.map((bytes) => checksumCloud(onePoint(...bytes))),
  );
  assertEquals(seen.size, points.length);
  const [quiet, other] = [0, 1].map((low) => onePoint(low, 0, 0xc0, 0x7f));
  assertNotEquals(checksumCloud(quiet), checksumCloud(other));
});
