import { assertEquals } from "@std/assert";
import { Registry } from "prom-client";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { LimitCounters } from "../../lib/limits/limit_counters.ts";
import { registerLimitMetrics } from "../../lib/observability/limit_metrics.ts";
import { registerWorkerMetrics } from "../../lib/observability/worker_metrics.ts";

/** The values of a registry, without what describes them. */
async function valuesOf(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("Refusals are counted by the limit's name, each from the start", async () => {
  const registry = new Registry();
  const counters = new LimitCounters();
  registerLimitMetrics(registry, counters);
  const before = await valuesOf(registry);
  assertEquals(before.every((line) => line.endsWith(" 0")), true);
  counters.count("sessions");
  counters.count("sessions");
  counters.count("frame-bytes");
  const values = await valuesOf(registry);
  const counted = values.filter((line) => !line.endsWith(" 0"));
  assertEquals(counted.sort(), [
    'pointwire_limits_total{limit="frame-bytes"} 1',
    'pointwire_limits_total{limit="sessions"} 2',
  ]);
});

Deno.test("Workers' health has metrics where there are Workers", async () => {
  const registry = new Registry();
  const health = { alive: 2, deaths: 0 };
  registerWorkerMetrics(registry, { health } as unknown as SessionHost);
  health.deaths++;
  assertEquals(await valuesOf(registry), [
    "pointwire_workers 2",
    "pointwire_worker_deaths_total 1",
  ]);
  const without = new Registry();
  registerWorkerMetrics(without, {} as SessionHost);
  assertEquals(await valuesOf(without), []);
});
