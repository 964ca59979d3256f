import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { namesOf, toFloat32 } from "../../../lib/points/cloud.ts";
import { randomSource } from "../../../lib/sources/synthetic/random.ts";

Deno.test("randomSource() gives clouds of the size asked for", () => {
  for (const points of [1, 2, 1000]) {
    const source = randomSource(points);
    assertEquals(source.next(0).points, points);
    assertEquals(namesOf(source.next(0).fields), ["x", "y", "z"]);
  }
});

Deno.test("randomSource() puts the frame number into the first point", () => {
  const source = randomSource(2);
  for (const frame of [0, 1, 2, 1000, 2 ** 24]) {
    assertEquals([...toFloat32(source.next(frame)).subarray(0, 3)], [
      frame,
      frame,
      frame,
    ]);
  }
});

Deno.test("randomSource() gives values in [0, 1), evenly", () => {
  const values = toFloat32(randomSource(100_001).next(0)).subarray(3);
  const buckets = new Array(10).fill(0);
  for (const value of values) {
    assert(value >= 0 && value < 1);
    buckets[Math.floor(value * 10)]++;
  }
  for (const count of buckets) {
    assert(Math.abs(count / values.length - 0.1) < 0.005, `${buckets}`);
  }
});

Deno.test("randomSource() gives a new cloud each time, in a buffer of its own", () => {
  const source = randomSource(10);
  const first = toFloat32(source.next(5));
  const copy = first.slice();
  const second = toFloat32(source.next(5));
  assertEquals(first, copy);
  assertNotEquals(first, second);
  assertNotEquals(first.buffer, second.buffer);
});

Deno.test("randomSource() gives the same clouds for the same seed", () => {
  for (const seed of [1, 42, -7, 0xffffffff, 0]) {
    const [a, b] = [randomSource(100, seed), randomSource(100, seed)];
    for (let frame = 0; frame < 3; frame++) {
      assertEquals(a.next(frame), b.next(frame));
    }
  }
  assertNotEquals(randomSource(10, 1).next(0), randomSource(10, 2).next(0));
});
