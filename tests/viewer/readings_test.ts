import { assertEquals } from "@std/assert";
import {
  formatBound,
  formatCount,
  formatLatency,
  formatMegabytes,
  formatRate,
} from "../../lib/viewer/readings.ts";

Deno.test("readings have as many digits as can be read", () => {
  assertEquals([4, 59.94, 120].map(formatRate), ["4.0", "59.9", "120"]);
  assertEquals([0, 999, 1_234_567].map(formatCount), [
    "0",
    "999",
    "1,234,567",
  ]);
  assertEquals(
    [0, 1_926_000, 12_340_000, 123_400_000].map(formatMegabytes),
    ["0.00", "1.93", "12.3", "123"],
  );
});

Deno.test("a latency is a number, or why there is none", () => {
  assertEquals(formatLatency({ kind: "measured", ms: 41.6 }), "42");
  assertEquals(formatLatency({ kind: "none" }), "–");
  assertEquals(formatLatency({ kind: "clocks-differ" }), "clocks differ");
});

Deno.test("the ends of a range are as exact as it is narrow", () => {
  assertEquals(formatBound(-0.01, 5), "0");
  assertEquals(formatBound(-1.73, 5), "−1.7");
  assertEquals(formatBound(0.987, 1), "0.99");
  assertEquals(formatBound(231.7, 200), "232");
});
