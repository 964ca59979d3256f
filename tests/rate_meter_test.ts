import { assertAlmostEquals, assertEquals } from "@std/assert";
import { RateMeter } from "../lib/rate_meter.ts";

Deno.test("RateMeter tells what passes, once it knows, and forgets", () => {
  const meter = new RateMeter(1_000);
  assertEquals([meter.rate, meter.rateAt(0)], [0, undefined]);
  for (let now = 0; now < 5_000; now += 10) {
    meter.add(2_000, now);
    assertEquals(meter.rateAt(now) === undefined, now < 1_000);
  }
  assertAlmostEquals(meter.rate, 200, 3);
  assertAlmostEquals(meter.rateAt(5_990)!, 200 / Math.E, 3);
});
