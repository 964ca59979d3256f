import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { checksumCloud } from "../../../lib/points/checksum.ts";
import {
  column,
  type PointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { rgbdSource } from "../../../lib/sources/synthetic/rgbd.ts";

const SMALL = 64 * 48;

/** Of each pixel, whether it has a depth. */
function seen(cloud: PointCloud): boolean[] {
  return Array.from(toFloat32(cloud, ["x"]), (x) => !Number.isNaN(x));
}

Deno.test("rgbdSource() makes pictures of 640 x 480 in packed colour", () => {
  const source = rgbdSource();
  const cloud = source.next(0, 0);
  assertEquals([cloud.width, cloud.height, cloud.stride], [640, 480, 16]);
  assertEquals(cloud.fields, source.fields);
  assertEquals(cloud.fields.map(({ name, type }) => `${name} ${type}`), [
    ...["x float32", "y float32", "z float32", "rgb uint32"],
  ]);
  const colors = new Set(column(cloud, "rgb") as Uint32Array);
  assert(colors.size > 100, `${colors.size} colours`);
  for (const color of colors) assertEquals(Number(color) >>> 24, 0);
});

Deno.test("rgbdSource() makes the largest picture of no more points", () => {
  const sizes = [1, 3, 100, SMALL, 100_000, 307_200].map((points) => {
    const { width, height } = rgbdSource(points).next(0, 0);
    assert(width * height <= points);
    return [width, height];
  });
  assertEquals(sizes, [
    ...[[1, 1], [2, 1], [11, 8], [64, 48], [364, 273], [640, 480]],
  ]);
});

Deno.test("rgbdSource() keeps points on the ray of their pixel, or NaN", () => {
  const cloud = rgbdSource(SMALL).next(3, 0.2);
  const [x, y, z] = ["x", "y", "z"].map((name) => column(cloud, name));
  let holes = 0;
  for (let i = 0; i < cloud.points; i++) {
    const nan = [x[i], y[i], z[i]].filter(Number.isNaN).length;
    assert(nan === 0 || nan === 3);
    if (nan === 3) {
      holes++;
      continue;
    }
    const [u, v] = [i % 64, Math.floor(i / 64)];
    const depth = Number(x[i]);
    assert(depth > 0.5 && depth < 4.3, `${depth}`);
    const focal = 525 / 10;
    assert(Math.abs(Number(y[i]) - (31.5 - u) / focal * depth) < 1e-4);
    assert(Math.abs(Number(z[i]) - 1.2 - (23.5 - v) / focal * depth) < 1e-4);
  }
  assert(holes > SMALL * 0.03 && holes < SMALL * 0.15, `${holes} holes`);
});

Deno.test("rgbdSource() gives the same frame again, and another one next", () => {
  const source = rgbdSource(SMALL);
  const first = source.next(0, 0);
  const sum = checksumCloud(first);
  assertNotEquals(checksumCloud(source.next(1, 1 / 15)), sum);
  assertEquals(checksumCloud(source.next(0, 0)), sum);
  assertEquals(checksumCloud(first), sum);
  const { next } = rgbdSource(SMALL, { seed: 2 });
  assertNotEquals(checksumCloud(next(0, 0)), sum);
});

Deno.test("rgbdSource() has a still room and moving balls", () => {
  const source = rgbdSource(SMALL);
  const [a, b] = [source.next(0, 0), source.next(1, 1)];
  const [xa, xb] = [column(a, "x"), column(b, "x")];
  const [sa, sb] = [seen(a), seen(b)];
  const moved =
    sa.filter((is, i) =>
      is && sb[i] && Math.abs(Number(xa[i]) - Number(xb[i])) > 0.15
    ).length;
  assert(moved > 30 && moved < SMALL / 4, `${moved} pixels moved`);
});

Deno.test("rgbdSource() refuses what is no number of points", () => {
  for (const points of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => rgbdSource(points), RangeError, `${points}`);
  }
});
