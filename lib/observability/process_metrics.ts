import process from "node:process";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import settings from "../../deno.json" with { type: "json" };

/** Time between two looks at how late timers are, milliseconds. */
const LOOK_MS = 100;

/**
 * Makes the metrics of this process in `registry`. The library's own read
 * /proc, which the server may not.
 *
 * @returns what ends the measuring.
 */
export function registerProcessMetrics(registry: Registry): Disposable {
  const registers = [registry];
  new Gauge({
    name: "pointwire_build_info",
    help: "Always 1; what runs is in the labels.",
    labelNames: ["version", "deno"],
    registers,
  }).set({ version: settings.version, deno: Deno.version.deno }, 1);
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, seconds since the Unix epoch.",
    registers,
  }).set(Math.round(performance.timeOrigin) / 1000);
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time of the process, its threads' together.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the process.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "pointwire_heap_used_bytes",
    help: "JavaScript heap in use, of the main thread.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().heapUsed);
    },
  });
  const lag = new Histogram({
    name: "pointwire_event_loop_lag_seconds",
    help: `How late timers are, looked at every ${LOOK_MS} ms.`,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  });
  return watchTimers((seconds) => lag.observe(seconds));
}

/** Calls `onLate` again and again with how late a timer is, seconds. */
function watchTimers(onLate: (seconds: number) => void): Disposable {
  let timer: ReturnType<typeof setTimeout>;
  const look = () => {
    const due = performance.now() + LOOK_MS;
    timer = setTimeout(() => {
      onLate(Math.max(0, performance.now() - due) / 1000);
      look();
    }, LOOK_MS);
  };
  look();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
