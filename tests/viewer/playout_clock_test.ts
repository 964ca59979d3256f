import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { LiveClock } from "../../lib/viewer/playout_clock.ts";

/** By how much the clock of captures is behind the other one. */
const BEHIND_MS = 5_000;

/** Has something come each 20 ms, after the ways that it is given. */
function arrivals(clock: LiveClock, way: { now: number }, transits: number[]) {
  for (const transit of transits) {
    way.now += 20;
    clock.see(way.now - BEHIND_MS - transit);
  }
}

Deno.test("what nearly always is here is due, and moves on with the time", () => {
  const way = { now: 100_000 };
  const clock = new LiveClock(() => way.now);
  assertEquals(clock.now(), undefined);
  const transits = Array.from({ length: 200 }, (_, i) => i % 10 * 10);
  arrivals(clock, way, transits);
  const due = clock.now()!;
  // The longest takes 90 ms.
  assertGreaterOrEqual(way.now - BEHIND_MS - due, 70);
  assertLess(way.now - BEHIND_MS - due, 100);
  way.now += 40;
  assertEquals(clock.now(), due + 40);
});

Deno.test("one that is late moves nothing, a way that is longer does", () => {
  const way = { now: 100_000 };
  const clock = new LiveClock(() => way.now);
  const behind = () => way.now - BEHIND_MS - clock.now()!;
  arrivals(clock, way, Array(120).fill(30));
  arrivals(clock, way, [900, 900, 900]);
  assertEquals(behind(), 30);
  arrivals(clock, way, Array(150).fill(400));
  assertEquals(behind(), 400);
  arrivals(clock, way, Array(60).fill(5_000));
  assertEquals(behind(), 1_400, "it waits for nothing for longer");
});
