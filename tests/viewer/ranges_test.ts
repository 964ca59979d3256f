import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { RangeSampler, SmoothRange } from "../../lib/viewer/ranges.ts";

/** A line of points along x, with z rising and an intensity. */
function line(points: number): Float32Array {
  const values = new Float32Array(points * 4);
  for (let i = 0; i < points; i++) {
    const at = i / (points - 1);
    values.set([10 * at, -1, 2 * at, at], 4 * i);
  }
  return values;
}

Deno.test("ranges are those of nearly all points", () => {
  const ranges = new RangeSampler().sample(line(50_000), 50_000, 4);
  assert(ranges !== undefined);
  assertAlmostEquals(ranges.height.low, 0.04, 0.01);
  assertAlmostEquals(ranges.height.high, 1.96, 0.01);
  assert(ranges.intensity !== undefined);
  assertAlmostEquals(ranges.intensity.high, 0.98, 0.01);
  assertAlmostEquals(ranges.box.min[0], 0, 0.1);
  assertAlmostEquals(ranges.box.max[0], 10, 0.1);
  assertEquals(ranges.box.min[1], -1);
});

Deno.test("a few strays change no range", () => {
  const values = line(2_000);
  for (const stray of [3, 700, 1_500]) {
    values.set([1e6, 1e6, -1e6, 1e6], 4 * stray);
  }
  const ranges = new RangeSampler().sample(values, 2_000, 4);
  assert(ranges !== undefined);
  assert(ranges.height.low > -1 && ranges.height.high < 3);
  assert(ranges.box.max[0] < 11);
});

Deno.test("points without a position are passed over", () => {
  const values = new Float32Array([NaN, 0, 0, 1, 2, 3, 0, Infinity, 0]);
  const ranges = new RangeSampler().sample(values, 3, 3);
  assertEquals(ranges?.box, { min: [1, 2, 3], max: [1, 2, 3] });
  assertEquals(ranges?.intensity, undefined);
});

Deno.test("a cloud without a finite point has no ranges", () => {
  const sampler = new RangeSampler();
  assertEquals(sampler.sample(new Float32Array(), 0, 3), undefined);
  assertEquals(sampler.sample(new Float32Array(12).fill(NaN), 4, 3), undefined);
});

Deno.test("a sample doesn't remember the cloud before", () => {
  const sampler = new RangeSampler();
  sampler.sample(line(4_000), 4_000, 4);
  const ranges = sampler.sample(new Float32Array([1, 1, 1, 5]), 1, 4);
  assertEquals(ranges?.height, { low: 1, high: 1 });
  assertEquals(ranges?.intensity, { low: 5, high: 5 });
});

Deno.test("a range moves slowly, and jumps where nothing is in common", () => {
  const range = new SmoothRange();
  assertEquals(range.push({ low: 0, high: 10 }), { low: 0, high: 10 });
  const { high } = range.push({ low: 0, high: 20 });
  assert(high > 10 && high < 12);
  for (let i = 0; i < 100; i++) range.push({ low: 0, high: 20 });
  assertAlmostEquals(range.range?.high ?? 0, 20, 0.01);
  assertEquals(range.push({ low: 50, high: 60 }), { low: 50, high: 60 });
  range.reset();
  assertEquals(range.range, undefined);
});
