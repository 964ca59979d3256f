import { assertAlmostEquals, assertEquals } from "@std/assert";
import { FrameRateMeter } from "../../lib/media/frame_rate_meter.ts";

Deno.test("FrameRateMeter knows a rate after some pictures", () => {
  const meter = new FrameRateMeter();
  for (let i = 0; i < 5; i++) meter.add(i / 30);
  assertEquals(meter.rate, undefined);
  meter.add(5 / 30);
  assertAlmostEquals(meter.rate!, 30, 1e-6);
});

Deno.test("FrameRateMeter knows a slow rate with the second picture", () => {
  const meter = new FrameRateMeter();
  meter.add(10);
  meter.add(10.5);
  assertAlmostEquals(meter.rate!, 2, 1e-6);
});

Deno.test("FrameRateMeter follows the rate, and passes over pauses", () => {
  const meter = new FrameRateMeter();
  let time = 0;
  const add = (rate: number, count: number) => {
    for (let i = 0; i < count; i++) meter.add(time += 1 / rate);
  };
  add(30, 200);
  time += 3;
  add(30, 200);
  assertAlmostEquals(meter.rate!, 30, 0.1);
  add(10, 120);
  assertAlmostEquals(meter.rate!, 10, 0.1);
});
