import { assertAlmostEquals, assertEquals } from "@std/assert";
import { captureTimeOf, Skew } from "../../lib/viewer/skew.ts";

const CLOCK = { rtpTimestamp: 1_000, clockRate: 90_000, time: 50_000 };

Deno.test("a picture's time is that of its timestamp, which wraps", () => {
  assertEquals(captureTimeOf(CLOCK, 1_000), 50_000);
  assertEquals(captureTimeOf(CLOCK, 91_000), 51_000);
  assertEquals(captureTimeOf(CLOCK, 2 ** 32 - 8_000), 49_900);
  const late = { ...CLOCK, rtpTimestamp: 2 ** 32 - 45_000 };
  assertEquals(captureTimeOf(late, 45_000), 51_000);
});

Deno.test("the skew is how far pictures are behind the points, in the middle", () => {
  const skew = new Skew();
  skew.push(0, skew.timeOf(1_000), 50_000);
  assertEquals(skew.at(0), undefined, "nothing is known of the clocks");
  skew.clock = CLOCK;
  skew.push(0, skew.timeOf(1_000), undefined);
  assertEquals(skew.at(0), undefined, "there are no points");
  for (const [i, points] of [50_040, 50_050, 50_200].entries()) {
    skew.push(i, skew.timeOf(1_000), points);
  }
  assertAlmostEquals(skew.at(10)!, 50, 1e-6);
  skew.push(20, skew.timeOf(1_000), 99_000_000);
  assertAlmostEquals(skew.at(20)!, 50, 1e-6, "clocks that were set anew");
  assertEquals(skew.at(5_000), undefined);
  skew.push(5_000, skew.timeOf(10_000), 50_000);
  assertEquals(skew.at(5_000), -100);
  skew.clear();
  assertEquals(skew.at(5_000), undefined);
});
