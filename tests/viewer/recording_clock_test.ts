import { assertEquals } from "@std/assert";
import { RecordingClock } from "../../lib/viewer/recording_clock.ts";

function startClock() {
  const at = { now: 0 };
  const clock = new RecordingClock(1_000, () => at.now);
  return { clock, pass: (ms: number) => void (at.now += ms) };
}

Deno.test("a recording goes on as far as it is there", () => {
  const { clock, pass } = startClock();
  pass(50);
  assertEquals([clock.now(), clock.rate, clock.isWaiting], [1_000, 0, true]);
  clock.limit = 1_500;
  assertEquals([clock.now(), clock.rate, clock.isWaiting], [1_000, 1, false]);
  pass(200);
  assertEquals(clock.now(), 1_200);
  pass(1_000);
  assertEquals([clock.now(), clock.rate, clock.isWaiting], [1_500, 0, true]);
  assertEquals(clock.waitedMs, 700);
  // The time that it has waited isn't made up for.
  clock.limit = 9_000;
  assertEquals(clock.waitedMs, 0);
  pass(100);
  assertEquals(clock.now(), 1_600);
});

Deno.test("a recording is paused, slowed down and sped up where it is", () => {
  const { clock, pass } = startClock();
  clock.limit = Infinity;
  pass(100);
  clock.speed = 4;
  assertEquals([clock.now(), clock.rate], [1_100, 4]);
  pass(100);
  clock.isPaused = true;
  pass(10_000);
  assertEquals([clock.now(), clock.rate, clock.isWaiting], [1_500, 0, false]);
  clock.speed = 0.5;
  clock.isPaused = false;
  pass(100);
  assertEquals(clock.now(), 1_550);
});

Deno.test("a recording stands where it was sought, until that is there", () => {
  const { clock, pass } = startClock();
  clock.limit = 5_000;
  pass(2_000);
  clock.seek(1_200);
  pass(500);
  assertEquals([clock.now(), clock.isWaiting], [1_200, true]);
  clock.limit = 5_000;
  pass(100);
  assertEquals(clock.now(), 1_300);
});
