import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { LiveClock } from "../../lib/media/live_clock.ts";

Deno.test("LiveClock goes on where an input is opened again", () => {
  const clock = new LiveClock();
  assertEquals(clock.timeOf(7, 1_000), 1);
  assertEquals(clock.timeOf(7.5, 1_500), 1.5);
  clock.restart();
  // Another clock, and two seconds later.
  assertEquals(clock.timeOf(100, 3_500), 3.5);
  assertEquals(clock.timeOf(100.04, 3_540).toFixed(2), "3.54");
});

Deno.test("LiveClock never goes back, whatever came ahead", () => {
  const clock = new LiveClock();
  clock.timeOf(0, 1_000);
  const ahead = clock.timeOf(2, 1_000);
  clock.restart();
  assertGreater(clock.timeOf(0, 1_100), ahead);
});

Deno.test("LiveClock begins anew where the input's clock jumps", () => {
  const clock = new LiveClock();
  clock.timeOf(1, 1_000);
  for (const jumped of [5_000, 3]) {
    const time = clock.timeOf(jumped, 2_000);
    assertAlmostEquals(time, 2, 0.1);
  }
});

Deno.test("LiveClock knows what came late by what came soonest", () => {
  const clock = new LiveClock();
  // A burst: what is newest in it has just been captured.
  for (let i = 0; i <= 20; i++) clock.timeOf(i / 10, 5_000);
  assertAlmostEquals(clock.capturedAt(clock.timeOf(2, 5_000)), 5_000, 1);
  assertAlmostEquals(clock.capturedAt(clock.timeOf(2.1, 5_400)), 5_100, 1);
});
