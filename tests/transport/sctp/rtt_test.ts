import { assert, assertEquals } from "@std/assert";
import { RttEstimator } from "../../../lib/transport/sctp/rtt.ts";

Deno.test("RttEstimator smooths as RFC 9260 section 6.3.1 says", () => {
  const rtt = new RttEstimator();
  assertEquals(rtt.timeout, 1000);
  rtt.update(100);
  assertEquals([rtt.smoothed, rtt.timeout], [100, 300]);
  rtt.update(180);
  assertEquals(rtt.smoothed, 110);
  // The variation: 3/4 of 50, and 1/4 of the difference of 80.
  assertEquals(rtt.timeout, 110 + 4 * 57.5);
  assertEquals([rtt.min, rtt.latest], [100, 180]);
});

Deno.test("RttEstimator's timeout has a floor, backs off to a bound, and relaxes", () => {
  const rtt = new RttEstimator(1);
  assertEquals(rtt.timeout, 200);
  rtt.backOff();
  assertEquals(rtt.timeout, 400);
  for (let i = 0; i < 10; i++) rtt.backOff();
  assertEquals(rtt.timeout, 2000);
  rtt.relax();
  assertEquals(rtt.timeout, 200);
});

Deno.test("RttEstimator starts from a time that is known", () => {
  const rtt = new RttEstimator(80);
  assertEquals([rtt.smoothed, rtt.timeout, rtt.min], [80, 240, Infinity]);
  rtt.update(40);
  assert(rtt.smoothed! < 80 && rtt.smoothed! > 40);
});
