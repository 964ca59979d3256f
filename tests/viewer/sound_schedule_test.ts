import { assertAlmostEquals, assertEquals } from "@std/assert";
import { SoundSchedule } from "../../lib/viewer/sound_schedule.ts";

const piece = (captureTime: number) => ({ captureTime, duration: 0.02 });

Deno.test("pieces that follow each other have no gap between them", () => {
  const schedule = new SoundSchedule();
  const at = (captureTime: number, due: number, now = 0) =>
    schedule.begin(piece(captureTime), { due, now, rate: 1 });
  assertEquals(at(1_000, 5), 5);
  assertAlmostEquals(at(1_020, 5.03)!, 5.02);
  assertAlmostEquals(at(1_040, 5.01)!, 5.04);
  assertEquals(at(1_060, 5.2), 5.2, "too far from its time");
  assertEquals(at(2_000, 6.14), 6.14, "something is missing between");
  assertEquals(at(2_020, 6.16, 6.3), undefined, "too late");
  assertEquals(at(2_040, 6.4, 6.3), 6.4);
});

Deno.test("pieces are shorter where the time goes faster", () => {
  const schedule = new SoundSchedule();
  schedule.begin(piece(1_000), { due: 5, now: 0, rate: 2 });
  const next = { due: 5.012, now: 0, rate: 2 };
  assertAlmostEquals(schedule.begin(piece(1_020), next)!, 5.01);
  schedule.clear();
  assertEquals(schedule.begin(piece(1_040), next), 5.012);
});
