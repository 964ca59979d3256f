import { Counter, type Registry } from "prom-client";
import type { LimitCounters } from "../limits/limit_counters.ts";

/** Makes the metric of what limits have refused or ended in `registry`. */
export function registerLimitMetrics(
  registry: Registry,
  counters: LimitCounters,
): void {
  new Counter({
    name: "pointwire_limits_total",
    help: "Requests refused, and peers ended, by the limit that they reached.",
    labelNames: ["limit"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [limit, count] of Object.entries(counters.snapshot())) {
        this.inc({ limit }, count);
      }
    },
  });
}
