import { assertEquals } from "@std/assert";
import {
  formatBound,
  formatCount,
  formatLatency,
  formatMegabytes,
  formatMillimetres,
  formatPlace,
  formatRange,
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
  assertEquals(formatBound(0.00123, 0.01), "0.001");
  assertEquals(formatBound(5, 0), "5");
  assertEquals(formatBound(4_000_000_000, 4e9), "4e9");
  assertEquals(formatBound(1.7e18, 1e12), "1.7e18");
  assertEquals(formatBound(2e-7, 1e-6), "2e−7");
});

Deno.test("a range far from 0 is counted from where it begins", () => {
  assertEquals(formatRange({ low: -1, high: 4 }), { low: "−1.0", high: "4.0" });
  assertEquals(formatRange({ low: 1.7e9, high: 1.7e9 + 0.25 }), {
    low: "0",
    high: "+0.25",
    from: 1.7e9,
  });
});

Deno.test("places are told in metres, points to the millimetre", () => {
  assertEquals(formatPlace(-5_400_000), "−5,400,000");
  assertEquals(
    [500_000.1234, -0.0001, -1].map(formatMillimetres),
    ["500000.123", "0.000", "−1.000"],
  );
});
