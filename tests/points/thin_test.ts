import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  namesOf,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import { thin } from "../../lib/points/thin.ts";
import { anyCloud, rowsOf } from "./file_clouds.ts";

/** Points whose every value tells which point and field it is of. */
function numbered(points: number, fields = ["x", "y", "z"]): PointCloud {
  const width = fields.length;
  const values = Float32Array.from(
    { length: points * width },
    (_, i) => Math.floor(i / width) + (i % width) / 8,
  );
  return pointCloud(values, fields);
}

/** Indices of the points that were kept, having checked all their fields. */
function keptPoints(cloud: PointCloud): number[] {
  const { fields, points } = cloud;
  const width = fields.length;
  const values = toFloat32(cloud);
  assertEquals(values.length, points * width);
  return Array.from({ length: points }, (_, i) => {
    const row = values.subarray(i * width, (i + 1) * width);
    assertEquals([...row], fields.map((_, field) => row[0] + field / 8));
    return row[0];
  });
}

Deno.test("thin() gives the cloud itself where all points are kept", () => {
  const cloud = numbered(1000);
  assertStrictEquals(thin(cloud, 1), cloud);
  assertStrictEquals(thin(cloud, 0.9999), cloud);
  const empty = numbered(0);
  assertStrictEquals(thin(empty, 0.5), empty);
  const one = numbered(1);
  assertStrictEquals(thin(one, 1 / 64), one);
});

Deno.test("thin() keeps every k-th point", () => {
  assertEquals(keptPoints(thin(numbered(8), 0.5)), [0, 2, 4, 6]);
  assertEquals(keptPoints(thin(numbered(9), 1 / 3)), [0, 3, 6]);
});

Deno.test("thin() strides by fractions of a point", () => {
  assertEquals(keptPoints(thin(numbered(5), 0.8)), [0, 1, 2, 3]);
  assertEquals(keptPoints(thin(numbered(10), 0.4)), [0, 2, 5, 7]);
  assertEquals(keptPoints(thin(numbered(100), 0.07)), [
    ...[0, 14, 28, 42, 57, 71, 85],
  ]);
});

Deno.test("thin() keeps all fields", () => {
  const fields = ["x", "y", "z", "intensity", "ring"];
  const thinned = thin(numbered(100, fields), 0.25);
  assertEquals(namesOf(thinned.fields), fields);
  assertEquals(keptPoints(thinned).length, 25);
});

Deno.test("thin() moves points bit for bit, whatever their types", () => {
  fc.assert(fc.property(anyCloud(), (cloud) => {
    fc.pre(cloud.points > 1);
    const thinned = thin(cloud, 0.5);
    const { points } = thinned;
    const rows = rowsOf(cloud);
    const due = Array.from(
      { length: points },
      (_, i) => rows[Math.floor(i * cloud.points / points)],
    );
    assertEquals(rowsOf(thinned), due);
    assertEquals([thinned.width, thinned.height], [points, 1]);
  }));
});

Deno.test("thin() keeps where the sensor stood", () => {
  const viewpoint = {
    translation: [1, 2, 3] as const,
    rotation: [0, 0, 0, 1] as const,
  };
  const thinned = thin({ ...numbered(10), viewpoint }, 0.5);
  assertEquals(thinned.viewpoint, viewpoint);
});

Deno.test("thin() leaves the cloud as it was, and keeps no view of it", () => {
  const cloud = numbered(100);
  const thinned = thin(cloud, 0.5);
  assertEquals(keptPoints(cloud).length, 100);
  toFloat32(cloud).fill(0);
  assertEquals(keptPoints(thinned).at(-1), 98);
});

Deno.test("thin() keeps the share in order, evenly, of any cloud", () => {
  const share = fc.double({ min: 1 / 64, max: 1, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 3000 }), share, (n, part) => {
    const kept = keptPoints(thin(numbered(n), part));
    assertEquals(kept.length, Math.max(1, Math.round(n * part)));
    const stride = n / kept.length;
    for (const [i, point] of kept.entries()) {
      assert(point <= i * stride + 1e-9 && point > i * stride - 1, `${i}`);
    }
  }));
});

Deno.test("thin() keeps one point of a cloud that is smaller than the share", () => {
  assertEquals(keptPoints(thin(numbered(10), 1 / 64)), [0]);
});

Deno.test("thin() refuses what is no share", () => {
  for (const share of [0, -0.5, 1.01, NaN, Infinity]) {
    assertThrows(() => thin(numbered(10), share), RangeError, `${share}`);
  }
});
