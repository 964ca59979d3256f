import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type PointCloud, pointCloud } from "../../lib/points/cloud.ts";
import {
  type CloudRanges,
  colorRange,
  RangeSampler,
  SmoothRange,
} from "../../lib/viewer/ranges.ts";
import { ZERO } from "../../lib/viewer/vector.ts";

/** A line of points along x, with z rising and an intensity. */
function line(points: number): Float32Array {
  const values = new Float32Array(points * 4);
  for (let i = 0; i < points; i++) {
    const at = i / (points - 1);
    values.set([10 * at, -1, 2 * at, at], 4 * i);
  }
  return values;
}

function cloudOf(values: Float32Array): PointCloud {
  return pointCloud(values, ["x", "y", "z", "intensity"]);
}

function measure(cloud: PointCloud): CloudRanges {
  const sampler = new RangeSampler();
  assert(sampler.look(cloud) !== undefined);
  return sampler.measure(ZERO);
}

Deno.test("ranges are those of nearly all points", () => {
  const cloud = cloudOf(line(50_000));
  const { height, box } = measure(cloud);
  assertAlmostEquals(height.low, 0.04, 0.01);
  assertAlmostEquals(height.high, 1.96, 0.01);
  assertAlmostEquals(box.min[0], 0, 0.1);
  assertAlmostEquals(box.max[0], 10, 0.1);
  assertEquals(box.min[1], -1);
  const values = new RangeSampler().values(cloud, cloud.fields[3]);
  assertAlmostEquals(colorRange(values).high, 0.98, 0.01);
});

Deno.test("a few strays change no range", () => {
  const values = line(2_000);
  for (const stray of [3, 700, 1_500]) {
    values.set([1e6, 1e6, -1e6, 1e6], 4 * stray);
  }
  const { height, box } = measure(cloudOf(values));
  assert(height.low > -1 && height.high < 3);
  assert(box.max[0] < 11);
});

Deno.test("points without a position are passed over", () => {
  const values = new Float32Array([NaN, 0, 0, 1, 2, 3, 0, Infinity, 0]);
  const { box } = measure(pointCloud(values));
  assertEquals(box, { min: [1, 2, 3], max: [1, 2, 3] });
});

Deno.test("a cloud without a finite point has no middle", () => {
  const sampler = new RangeSampler();
  assertEquals(sampler.look(pointCloud(new Float32Array())), undefined);
  const lost = pointCloud(new Float32Array(12).fill(NaN));
  assertEquals(sampler.look(lost), undefined);
});

Deno.test("a sample doesn't remember the cloud before", () => {
  const sampler = new RangeSampler();
  sampler.look(cloudOf(line(4_000)));
  const cloud = cloudOf(new Float32Array([1, 1, 1, 5]));
  assertEquals(sampler.look(cloud), [1, 1, 1]);
  assertEquals(sampler.measure(ZERO).height, { low: 1, high: 1 });
  assertEquals([...sampler.values(cloud, cloud.fields[3])], [5]);
});

Deno.test("places are measured where they stand, distances from the eye", () => {
  const sampler = new RangeSampler();
  const cloud = pointCloud(new Float32Array([1003, 2004, 50]));
  assertEquals(sampler.look(cloud), [1003, 2004, 50]);
  const ranges = sampler.measure([1000, 2000, 50]);
  assertEquals(ranges.box, { min: [1003, 2004, 50], max: [1003, 2004, 50] });
  assertEquals(ranges.height, { low: 50, high: 50 });
  assertEquals(ranges.distance, { low: 5, high: 5 });
  // A quarter of a turn about x: what was y is z.
  const turned = sampler.measure([1000, 2000, 50], {
    translation: [500_000, 0, 7],
    rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
  });
  assertAlmostEquals(turned.box.min[0], 501_003, 1e-6);
  assertAlmostEquals(turned.box.max[1], -50, 1e-9);
  assertAlmostEquals(turned.height.low, 2011, 1e-9);
  assertEquals(turned.distance, { low: 5, high: 5 });
});

Deno.test("a range moves slowly, and jumps where little is in common", () => {
  const range = new SmoothRange();
  assertEquals(range.push({ low: 0, high: 10 }), { low: 0, high: 10 });
  const { high } = range.push({ low: 0, high: 20 });
  assert(high > 10 && high < 12);
  for (let i = 0; i < 100; i++) range.push({ low: 0, high: 20 });
  assertAlmostEquals(range.range?.high ?? 0, 20, 0.01);
  assertEquals(range.push({ low: 50, high: 60 }), { low: 50, high: 60 });
  // The next turn of a sensor, by time.
  assertEquals(range.push({ low: 59, high: 69 }), { low: 59, high: 69 });
  range.reset();
  assertEquals(range.range, undefined);
});
