import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { namesOf, pointCloud, selectFields } from "../../lib/points/cloud.ts";
import { compareClouds } from "../../lib/points/compare.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { anyCloud, typedCloud } from "./file_clouds.ts";

const EXACT = { isExact: true, isWithin: true, maxError: 0 };

Deno.test("compareClouds() finds any cloud exact that is the same", () => {
  fc.assert(fc.property(anyCloud(), (cloud) => {
    const names = namesOf(cloud.fields);
    const other = selectFields(cloud, names.toReversed());
    assertEquals(
      compareClouds(cloud, other),
      names.map((name) => ({ name, ...EXACT })),
    );
  }));
});

Deno.test("compareClouds() gives the largest error, and whether it was asked for", () => {
  const before = pointCloud(Float32Array.of(1, 2, 3, 4, 5, 6));
  const after = pointCloud(
    Float32Array.of(1, 2.25, 3, 3.75, 5, Math.fround(6.0004)),
  );
  const steps = { x: 0.5, y: 0.25, z: 0.001 };
  const [x, y, z] = compareClouds(before, after, steps);
  assertEquals(x, {
    name: "x",
    isExact: false,
    isWithin: true,
    maxError: 0.25,
  });
  assertEquals(y, {
    name: "y",
    isExact: false,
    isWithin: false,
    maxError: 0.25,
  });
  assertEquals([z.isExact, z.isWithin], [false, true]);
  const [unasked] = compareClouds(before, after);
  assertEquals([unasked.isWithin, unasked.maxError], [false, 0.25]);
});

Deno.test("compareClouds() takes NaN for NaN where a field may be rounded", () => {
  const words = (x: number) =>
    pointCloud(new Float32Array(Uint32Array.of(x, 0, 0x7fc00000).buffer));
  const before = words(0x7fc12345);
  const after = words(0x7fc00000);
  const [rounded, , z] = compareClouds(before, after, { x: 0.001 });
  assertEquals(rounded, {
    name: "x",
    isExact: false,
    isWithin: true,
    maxError: 0,
  });
  assertEquals(z, { name: "z", ...EXACT });
  assertEquals(compareClouds(before, after)[0].isWithin, false);
  // From a number to NaN, and back.
  const [lost] = compareClouds(words(0), after, { x: 1000 });
  assertEquals([lost.isWithin, lost.maxError], [false, Infinity]);
  const [found] = compareClouds(after, words(0), { x: 1000 });
  assertEquals([found.isWithin, found.maxError], [false, Infinity]);
});

Deno.test("compareClouds() finds a zero that lost its sign", () => {
  const before = pointCloud(Float32Array.of(-0, 1, 2));
  const after = pointCloud(Float32Array.of(0, 1, 2));
  assertEquals(compareClouds(before, after)[0], {
    name: "x",
    isExact: false,
    isWithin: false,
    maxError: 0,
  });
  assertEquals(compareClouds(before, after, { x: 0.1 })[0].isWithin, true);
});

Deno.test("compareClouds() tells 64-bit integers apart that doubles don't", () => {
  const big = 2n ** 60n;
  const before = typedCloud("x,y,z,t:i8", [[0, 0, 0, big]]);
  const after = typedCloud("x,y,z,t:i8", [[0, 0, 0, big + 3n]]);
  assertEquals(compareClouds(before, after)[3].maxError, 3);
  const rounded = typedCloud("x,y,z,t:f8", [[0, 0, 0, Number(big)]]);
  assertEquals(compareClouds(before, rounded)[3], { name: "t", ...EXACT });
  const [, , , t] = compareClouds(after, rounded);
  assertEquals([t.isExact, t.isWithin], [false, false]);
});

Deno.test("compareClouds() takes a number in another type for the same", () => {
  const before = typedCloud("x:f8,y,z,a,b", [[0.1, 1, 2, 255, 0.5]]);
  const after = typedCloud("x,y,z,a:u1,b:u1", [[0.1, 1, 2, 255, 0]]);
  const [x, , , a, b] = compareClouds(before, after);
  assertEquals([x.isExact, x.maxError], [
    false,
    Math.abs(Math.fround(0.1) - 0.1),
  ]);
  assertEquals(a, { name: "a", ...EXACT });
  assertEquals([b.isExact, b.maxError], [false, 0.5]);
});

Deno.test("compareClouds() names a field that is gone, and refuses other points", () => {
  const before = pointCloud(new Float32Array(8), ["x", "y", "z", "ring"]);
  const after = pointCloud(new Float32Array(6));
  assertEquals(compareClouds(before, after)[3], {
    name: "ring",
    isExact: false,
    isWithin: false,
    maxError: Infinity,
  });
  const fewer = pointCloud(new Float32Array(3));
  assertThrows(
    () => compareClouds(before, fewer),
    PointsError,
    "Cannot compare 2 points with 1",
  );
});

Deno.test("compareClouds() takes an infinity for no number near", () => {
  const inf = pointCloud(Float32Array.of(Infinity, 1, 2));
  const big = pointCloud(Float32Array.of(3e38, 1, 2));
  for (const [before, after] of [[inf, big], [big, inf]]) {
    const [x] = compareClouds(before, after, { x: 1 });
    assertEquals([x.isWithin, x.maxError], [false, Infinity]);
  }
  assertEquals(compareClouds(inf, inf, { x: 1 })[0], { name: "x", ...EXACT });
});

Deno.test("compareClouds() computes errors on the source's own numbers", () => {
  const utm = 4_428_236.0648;
  const [x] = compareClouds(
    typedCloud("x:f8,y,z", [[utm, 0, 0]]),
    typedCloud("x,y,z", [[utm, 0, 0]]),
  );
  assertEquals(x.maxError, Math.abs(utm - Math.fround(utm)));
  const before = typedCloud("x,y,z,t:i8", [[0, 0, 0, 2n ** 62n + 1n]]);
  const error = (fields: string, t: number | bigint) =>
    compareClouds(before, typedCloud(fields, [[0, 0, 0, t]]))[3].maxError;
  assertEquals(error("x,y,z,t:f8", 2 ** 62), 1);
  assertEquals(error("x,y,z,t:f8", Infinity), Infinity);
  assertEquals(error("x,y,z,t:i8", -(2n ** 62n) - 1n), 2 ** 63);
  assertEquals(error("x,y,z,t:f4", 0.5), 2 ** 62);
});

Deno.test("compareClouds() finds any quantized value within its bound", () => {
  // The arithmetic of Cloudini's encoders and decoders, float32 throughout.
  const value = fc.float({ min: -1e6, max: 1e6, noNaN: true });
  const step = fc.constantFrom(0.001, 0.01, 0.1, 0.25, 1, 3e-5);
  fc.assert(fc.property(value, step, (value, step) => {
    const resolution = Math.fround(step);
    const inverse = Math.fround(1 / resolution);
    const steps = Math.round(Math.fround(value * inverse));
    const back = Math.fround(Math.fround(steps) * resolution);
    const [x] = compareClouds(
      pointCloud(Float32Array.of(value, 0, 0)),
      pointCloud(Float32Array.of(back, 0, 0)),
      { x: step },
    );
    assertEquals([x.isWithin, x.maxError], [true, Math.abs(value - back)]);
  }));
});

Deno.test("compareClouds() finds every changed byte in its field", () => {
  const fields = "x,y,z,ring:u2,time:f8,label:u1,id:i8";
  const row = [1, 2, 3, 4, 5.5, 6, 7n];
  const before = typedCloud(fields, [row, row, row]);
  for (let at = 0; at < before.data.length; at++) {
    const data = before.data.slice();
    data[at] ^= 1;
    const hit = before.fields
      .findLast(({ offset }) => offset <= at % before.stride)!;
    assertEquals(
      compareClouds(before, { ...before, data })
        .filter(({ isExact }) => !isExact).map(({ name }) => name),
      [hit.name],
    );
  }
});
