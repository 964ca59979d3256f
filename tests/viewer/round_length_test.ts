import { assertEquals } from "@std/assert";
import { formatLength, roundLength } from "../../lib/viewer/round_length.ts";

Deno.test("lengths are 1, 2 or 5 of a power of ten that fit", () => {
  assertEquals(roundLength(36, 18), 2);
  assertEquals(roundLength(36, 7), 5);
  assertEquals(roundLength(10, 10), 1);
  assertEquals(roundLength(0.9, 18), 0.05);
  assertEquals(roundLength(12_345, 20), 500);
  assertEquals([0, -1, NaN, Infinity].map((extent) => roundLength(extent, 9)), [
    1,
    1,
    1,
    1,
  ]);
});

Deno.test("lengths are written in the unit that fits", () => {
  assertEquals(
    [5, 0.5, 0.02, 0.005, 2000, 100].map(formatLength),
    ["5 m", "50 cm", "2 cm", "5 mm", "2 km", "100 m"],
  );
});
