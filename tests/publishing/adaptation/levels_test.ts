import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  adaptationLevels,
  predictBytes,
} from "../../../lib/publishing/adaptation/levels.ts";
import { createEncoder } from "../../../lib/points/codecs.ts";

Deno.test("adaptationLevels() doubles the steps up to 8 times, then thins", () => {
  const encoder = createEncoder("cloudini", {
    resolution: 0.002,
    compression: "none",
  });
  const levels = adaptationLevels(encoder);
  assertEquals(levels.slice(0, 4), [
    { resolutionFactor: 1, pointShare: 1, resolution: 0.002 },
    { resolutionFactor: 2, pointShare: 1, resolution: 0.004 },
    { resolutionFactor: 4, pointShare: 1, resolution: 0.008 },
    { resolutionFactor: 8, pointShare: 1, resolution: 0.016 },
  ]);
  for (const [i, { resolutionFactor, pointShare }] of levels.entries()) {
    if (i < 4) continue;
    assertEquals(resolutionFactor, 8);
    const ratio = pointShare / levels[i - 1].pointShare;
    assert(ratio < 1 && ratio > 0.89, `${i}: ${ratio}`);
  }
  assertEquals(levels.at(-1)!.pointShare, 1 / 256);
});

Deno.test("adaptationLevels() only thins where an encoder has no steps", () => {
  for (const codec of ["f32", "npy"] as const) {
    const levels = adaptationLevels(createEncoder(codec));
    assertEquals(levels[0], { resolutionFactor: 1, pointShare: 1 });
    assertAlmostEquals(levels[1].pointShare, 0.9);
    assert(levels.every(({ resolutionFactor }) => resolutionFactor === 1));
    assertEquals(levels.at(-1)!.pointShare, 1 / 256);
  }
});

Deno.test("predictBytes() gives a level's own bytes as they are", () => {
  const level = { resolutionFactor: 4, pointShare: 0.3 };
  assertEquals(predictBytes(1000, level, level), 1000);
});

Deno.test("predictBytes() promises no more than was measured", () => {
  const level = (resolutionFactor: number, pointShare: number) => ({
    resolutionFactor,
    pointShare,
  });
  // Bytes a point of random points and of a lidar scan, both of 100,000 points.
  const measured = [
    [level(1, 1), level(2, 1), 4.69, 4.28],
    [level(1, 1), level(8, 1), 4.69, 3.22],
    [level(1, 1), level(8, 0.1), 4.69, 3.26],
    [level(1, 1), level(8, 1), 4.03, 2.47],
    [level(8, 1), level(8, 0.5), 2.47, 2.88],
    [level(8, 1), level(8, 0.1), 2.47, 4.09],
  ] as const;
  for (const [a, b, bytesA, bytesB] of measured) {
    const [atA, atB] = [bytesA * a.pointShare, bytesB * b.pointShare];
    for (
      const [from, to, bytes, due] of [
        [a, b, atA, atB] as const,
        [b, a, atB, atA] as const,
      ]
    ) {
      const ratio = predictBytes(bytes, from, to) / due;
      const what = JSON.stringify([from, to, ratio]);
      assert(ratio > 0.96 && ratio < 2, what);
    }
  }
});
