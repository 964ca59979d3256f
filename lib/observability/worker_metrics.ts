import { Counter, Gauge, type Registry } from "prom-client";
import type { SessionHost } from "../hosting/session_host.ts";

/** Makes the metrics of a host's Workers in `registry`, where it has some. */
export function registerWorkerMetrics(
  registry: Registry,
  host: SessionHost,
): void {
  if (host.health === undefined) return;
  const registers = [registry];
  new Gauge({
    name: "pointwire_workers",
    help: "Workers that live, in which the sessions do.",
    registers,
    collect() {
      this.set(host.health?.alive ?? 0);
    },
  });
  new Counter({
    name: "pointwire_worker_deaths_total",
    help: "Workers that died, each with its sessions.",
    registers,
    collect() {
      this.reset();
      this.inc(host.health?.deaths ?? 0);
    },
  });
}
