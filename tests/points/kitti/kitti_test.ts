import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { pointCloud } from "../../../lib/points/cloud.ts";
import { decodeKitti, encodeKitti } from "../../../lib/points/kitti/kitti.ts";
import {
  anyCloud,
  assertRefused,
  assertSameBits,
  bits,
  concat,
} from "../file_clouds.ts";

const FIELDS = ["x", "y", "z", "intensity"];
const VALUES = Float32Array.of(1, 2, 3, 0.5, -0, NaN, 1e-40, 1);
const FILE = new Uint8Array(VALUES.buffer);

Deno.test("decodeKitti() reads points without copying them", () => {
  const cloud = decodeKitti(FILE);
  assertSameBits(cloud, pointCloud(VALUES, FIELDS));
  assert(cloud.values.buffer === VALUES.buffer);
});

Deno.test("decodeKitti() reads bytes that are not aligned", () => {
  const bytes = concat("!", FILE).subarray(1);
  assertSameBits(decodeKitti(bytes), pointCloud(VALUES, FIELDS));
});

Deno.test("decodeKitti() refuses an empty file and one cut off", () => {
  assertRefused(() => decodeKitti(new Uint8Array(0)), "empty");
  for (let length = 1; length < FILE.length; length++) {
    if (length === 16) continue;
    assertRefused(
      () => decodeKitti(FILE.subarray(0, length)),
      "length",
      `${length} bytes end ${length % 16} bytes into the point at byte ${
        length < 16 ? 0 : 16
      }`,
    );
  }
});

Deno.test("encodeKitti() writes 0 where there is no intensity", () => {
  const bytes = encodeKitti(pointCloud(Float32Array.of(1, 2, 3, 4, 5, 6)));
  assertEquals([...decodeKitti(bytes).values], [1, 2, 3, 0, 4, 5, 6, 0]);
});

Deno.test("encodeKitti() finds the intensity and leaves the rest out", () => {
  const fields = ["x", "y", "z", "ring", "intensity"];
  const values = Float32Array.of(1, 2, 3, 64, 0.5);
  const bytes = encodeKitti(pointCloud(values, fields));
  assertEquals([...decodeKitti(bytes).values], [1, 2, 3, 0.5]);
});

Deno.test("KITTI: any cloud comes back bit for bit", () => {
  fc.assert(fc.property(anyCloud, (cloud) => {
    const bytes = encodeKitti(cloud);
    assertEquals(bytes.length, cloud.points * 16);
    if (cloud.points === 0) return;
    const back = decodeKitti(bytes);
    const at = cloud.fields.indexOf("intensity");
    const expected = Uint32Array.from({ length: cloud.points * 4 }, (_, i) => {
      const point = (i >> 2) * cloud.fields.length;
      if (i % 4 < 3) return bits(cloud)[point + i % 4];
      return at < 0 ? 0 : bits(cloud)[point + at];
    });
    assertEquals(bits(back), expected);
  }));
});
