import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  namesOf,
  pointCloud,
  selectFields,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { parseFieldList } from "../../../lib/points/field.ts";
import {
  decodeKitti,
  decodeNuscenes,
  encodeKitti,
} from "../../../lib/points/kitti/kitti.ts";
import {
  anyFloatCloud,
  assertRefused,
  assertSameBits,
  concat,
  typedCloud,
} from "../file_clouds.ts";

const FIELDS = ["x", "y", "z", "intensity"];
const VALUES = Float32Array.of(1, 2, 3, 0.5, -0, NaN, 1e-40, 1);
const FILE = new Uint8Array(VALUES.buffer);

Deno.test("decodeKitti() reads points without copying them", () => {
  const cloud = decodeKitti(FILE);
  assertSameBits(cloud, pointCloud(VALUES, FIELDS));
  assert(cloud.data.buffer === VALUES.buffer);
});

Deno.test("decodeKitti() reads bytes that are not aligned", () => {
  const bytes = concat("!", FILE).subarray(1);
  assertSameBits(decodeKitti(bytes), pointCloud(VALUES, FIELDS));
});

Deno.test("decodeKitti() reads an empty file as no points", () => {
  assertEquals(decodeKitti(new Uint8Array(0)).points, 0);
});

Deno.test("decodeKitti() refuses a file cut off", () => {
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
  assertEquals([...toFloat32(decodeKitti(bytes))], [1, 2, 3, 0, 4, 5, 6, 0]);
});

Deno.test("encodeKitti() finds the intensity and leaves the rest out", () => {
  const fields = ["x", "y", "z", "ring", "intensity"];
  const values = Float32Array.of(1, 2, 3, 64, 0.5);
  const bytes = encodeKitti(pointCloud(values, fields));
  assertEquals([...toFloat32(decodeKitti(bytes))], [1, 2, 3, 0.5]);
});

Deno.test("encodeKitti() knows the intensity by its other names", () => {
  for (const name of ["reflectivity", "intensities", "scalar_Intensity"]) {
    const cloud = pointCloud(Float32Array.of(1, 2, 3, 0.5), [..."xyz", name]);
    const back = decodeKitti(encodeKitti(cloud));
    assertEquals([...toFloat32(back)], [1, 2, 3, 0.5]);
    assertEquals(namesOf(back.fields), FIELDS);
  }
});

Deno.test("decodeNuscenes() reads five floats a point", () => {
  const values = Float32Array.from({ length: 10 }, (_, i) => i);
  const cloud = decodeNuscenes(new Uint8Array(values.buffer));
  assertSameBits(cloud, pointCloud(values, [...FIELDS, "ring"]));
});

Deno.test("KITTI: the layout may be another, with types", () => {
  const cloud = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 65_535]]);
  assertSameBits(
    decodeKitti(cloud.data, parseFieldList("x,y,z,ring:u2")),
    cloud,
  );
});

Deno.test("KITTI: any cloud comes back bit for bit", () => {
  fc.assert(fc.property(anyFloatCloud, (cloud) => {
    const bytes = encodeKitti(cloud);
    assertEquals(bytes.length, cloud.points * 16);
    const back = decodeKitti(bytes);
    const kept = namesOf(cloud.fields).filter((name) => FIELDS.includes(name));
    assertSameBits(selectFields(back, kept), selectFields(cloud, kept));
    if (kept.length === 4) return;
    assert(toFloat32(back, ["intensity"]).every((value) => value === 0));
  }));
});
