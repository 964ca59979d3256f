import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  countPerSecond,
  findFreezes,
  findRecovery,
  percentile,
} from "../../../tools/bench/video/freezes.ts";

/** Times of frames with these intervals between them. */
function after(intervals: number[]): number[] {
  const times = [1000];
  for (const interval of intervals) times.push(times.at(-1)! + interval);
  return times;
}

const steady = (count: number, ms: number) => Array(count).fill(ms);

Deno.test("A steady picture has no freeze, however few its frames", () => {
  for (const ms of [33, 50, 500]) {
    const times = after(steady(60, ms));
    const { count, totalMs } = findFreezes(times, times.at(-1)! + ms);
    assertEquals([count, totalMs], [0, 0]);
  }
});

Deno.test("A freeze is longer than the mean and 150 ms", () => {
  // 50 ms + 150 ms is more than three times 50 ms.
  const freezes = (gap: number) => {
    const times = after([...steady(40, 50), gap, ...steady(40, 50)]);
    return findFreezes(times, times.at(-1)!);
  };
  assertEquals(freezes(200).count, 0);
  assertEquals(freezes(201), { count: 1, totalMs: 201, longestMs: 201 });
});

Deno.test("A freeze of a slow picture is longer than three means", () => {
  const freezes = (gap: number) =>
    findFreezes(after([...steady(40, 100), gap]), 0).count;
  assertEquals(freezes(300), 0);
  assertEquals(freezes(301), 1);
});

Deno.test("Freezes are added up, and the longest is told", () => {
  const times = after([
    ...[...steady(40, 33), 400, ...steady(40, 33)],
    ...[1500, ...steady(40, 33)],
  ]);
  assertEquals(findFreezes(times, times.at(-1)!), {
    count: 2,
    totalMs: 1900,
    longestMs: 1500,
  });
});

Deno.test("A picture that stands still at the end is frozen until then", () => {
  const times = after(steady(40, 33));
  const until = times.at(-1)! + 5000;
  assertEquals(findFreezes(times, until).totalMs, 5000);
  assertEquals(findFreezes([1000], 9000).totalMs, 8000);
  assertEquals(findFreezes([], 9000).totalMs, 0);
});

Deno.test("countPerSecond() leaves out what is no whole second", () => {
  const times = [0, 1000, 1400, 1999, 2000, 3500];
  assertEquals(countPerSecond(times, 1000, 3600), [3, 1]);
});

Deno.test("findRecovery() finds when three seconds are as they were", () => {
  const rates = [30, 30, 5, 5, 5, 10, 30, 30, 30];
  assertEquals(findRecovery(rates, 4, 27), 2);
  assertEquals(findRecovery(rates, 4, 31), undefined);
  assertEquals(findRecovery(rates, 0, 20), 0);
});

Deno.test("percentile() is the nearest rank", () => {
  const values = Array.from({ length: 20 }, (_, i) => 20 - i);
  assertEquals(percentile(values, 0.95), 19);
  assertEquals(percentile(values, 0.5), 10);
  assertEquals(percentile([], 0.5), undefined);
  assertAlmostEquals(percentile([1.5], 0.95)!, 1.5);
});
