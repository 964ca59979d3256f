import { assertEquals } from "@std/assert";
import { Histogram } from "../../lib/histogram.ts";
import { observeLatency } from "../../lib/session/latency.ts";

Deno.test("observeLatency() leaves out what only clocks that differ explain", () => {
  const latency = new Histogram([0.1]);
  const now = 1_700_000_000_000;
  const ages = [0, 100, 60_000, -1, 60_001, -3_600_000, NaN, Infinity];
  for (const age of ages) observeLatency(latency, now - age, now);
  assertEquals(latency.snapshot(), { counts: [2], sum: 60.1, count: 3 });
});
