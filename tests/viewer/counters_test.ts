import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  Drops,
  FrameRate,
  Latency,
  Throughput,
} from "../../lib/viewer/counters.ts";

Deno.test("the frame rate is that of the last seconds", () => {
  const rate = new FrameRate();
  assertEquals(rate.at(0), 0);
  let now = 0;
  for (; now <= 10_000; now += 250) rate.push(now);
  assertAlmostEquals(rate.at(now - 250), 4, 0.01);
  for (; now <= 20_000; now += 100) rate.push(now);
  assertAlmostEquals(rate.at(now - 100), 10, 0.01);
});

Deno.test("a stream that stops slows down, and is at 0 in the end", () => {
  const rate = new FrameRate();
  for (let now = 0; now <= 3_000; now += 100) rate.push(now);
  const slower = rate.at(4_500);
  assert(slower > 0 && slower < 7, `${slower}`);
  assertEquals(rate.at(7_000), 0);
});

Deno.test("the throughput is bytes a second over the last seconds", () => {
  const throughput = new Throughput();
  assertEquals(throughput.at(0), 0);
  for (let now = 0; now < 10_000; now += 10) throughput.push(now, 20_000);
  assertAlmostEquals(throughput.at(10_000), 2e6, 2e4);
  assertEquals(throughput.at(20_000), 0);
});

Deno.test("the first frame of a stream is no flood", () => {
  const throughput = new Throughput();
  throughput.push(1_000, 500_000);
  assertEquals(throughput.at(1_001), 500_000);
});

Deno.test("the latency is the median of the last seconds", () => {
  const latency = new Latency();
  assertEquals(latency.at(0), { kind: "none" });
  [40, 45, 900, 50, 42].forEach((ms, i) => latency.push(i, ms));
  assertEquals(latency.at(5), { kind: "measured", ms: 45 });
  assertEquals(latency.at(60_000), { kind: "none" });
});

Deno.test("a latency that can't be is the clocks'", () => {
  const latency = new Latency();
  latency.push(0, -5);
  assertEquals(latency.at(0), { kind: "measured", ms: 0 });
  latency.clear();
  latency.push(0, -400);
  assertEquals(latency.at(0), { kind: "clocks-differ" });
  latency.clear();
  latency.push(0, 3_600_000);
  assertEquals(latency.at(0), { kind: "clocks-differ" });
});

Deno.test("gaps in the frame numbers are drops, across the wrap too", () => {
  const drops = new Drops();
  for (const frame of [7, 8, 9]) drops.push(frame);
  assertEquals(drops.total, 0);
  drops.push(12);
  assertEquals(drops.total, 2);
  drops.clear();
  for (const frame of [0xfffffffe, 0xffffffff, 0, 2]) drops.push(frame);
  assertEquals(drops.total, 1);
});

Deno.test("a publisher that counts anew has dropped nothing", () => {
  const drops = new Drops();
  for (const frame of [500, 0, 1]) drops.push(frame);
  assertEquals(drops.total, 0);
});
