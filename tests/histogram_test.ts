import { assertEquals } from "@std/assert";
import { Histogram } from "../lib/histogram.ts";

Deno.test("Histogram counts each observation in its range, bounds included", () => {
  const histogram = new Histogram([1, 5]);
  for (const value of [-1, 0.5, 1, 1.5, 5, 6, 100]) histogram.observe(value);
  assertEquals(histogram.snapshot(), { counts: [3, 2], sum: 113, count: 7 });
});

Deno.test("Histogram gives copies", () => {
  const histogram = new Histogram([1]);
  const before = histogram.snapshot();
  histogram.observe(1);
  assertEquals(before, { counts: [0], sum: 0, count: 0 });
});
