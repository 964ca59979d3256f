import { assertEquals } from "@std/assert";
import { Histogram } from "../../lib/histogram.ts";
import { observeLatency } from "../../lib/session/latency.ts";

const NOW = 1_700_000_000_000;

Deno.test("observeLatency() leaves out what only clocks that differ explain", () => {
  const latency = new Histogram([0.1]);
  const ages = [0, 100, 60_000, -1, 60_001, -3_600_000, NaN, Infinity];
  for (const age of ages) observe(latency, { captureTime: NOW - age });
  assertEquals(latency.snapshot(), { counts: [2], sum: 60.1, count: 3 });
});

Deno.test("observeLatency() counts what is new as far as can be told", () => {
  const latency = new Histogram([0.1]);
  const clock = { offset: 40, error: 3 };
  for (const age of [2, 0, -3, -4]) {
    observe(latency, { captureTime: NOW + clock.offset - age, clock });
  }
  assertEquals(latency.snapshot(), { counts: [3], sum: 0.002, count: 3 });
});

function observe(
  latency: Histogram,
  frame: Parameters<typeof observeLatency>[1],
): void {
  observeLatency(latency, frame, NOW);
}
