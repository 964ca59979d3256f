import { assertEquals } from "@std/assert";
import { eyeFor, originFor } from "../../lib/viewer/origin.ts";
import { ZERO } from "../../lib/viewer/vector.ts";

Deno.test("what is near has its origin where all coordinates are 0", () => {
  assertEquals(originFor([12, -30, 2], ZERO), ZERO);
  assertEquals(originFor([900, -900, 0], ZERO), ZERO);
});

Deno.test("what is far has a round origin, which stays", () => {
  const first = originFor([500_012.3, 5_400_049.9, 312], ZERO);
  assertEquals(first, [500_000, 5_400_000, 300]);
  assertEquals(originFor([500_700, 5_399_400, 312], first), first);
});

Deno.test("an origin that is far by now moves", () => {
  const first = originFor([500_000, 5_400_000, 0], ZERO);
  assertEquals(
    originFor([501_234, 5_400_000, 40], first),
    [501_200, 5_400_000, 0],
  );
  assertEquals(originFor([1, 2, -3], first), ZERO);
});

Deno.test("distances are from the sensor, where it is known and near", () => {
  const origin = [500_000, 5_400_000, 300] as const;
  assertEquals(eyeFor([500_010, 5_400_020, 302], origin), [10, 20, 2]);
  // PCD files say that they were seen from 0, 0, 0 where nobody knows it.
  assertEquals(eyeFor([0, 0, 0], origin), ZERO);
  assertEquals(eyeFor(undefined, origin), ZERO);
  assertEquals(eyeFor([1, 2, 3], ZERO), [1, 2, 3]);
});
