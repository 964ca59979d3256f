import { Counter, Gauge, type Registry } from "prom-client";

/** What is counted of the tools of the Foxglove protocol. */
export interface DoorCounts {
  readonly clients: number;
  readonly messages: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly failures: number;
}

const COUNTERS = [
  ["messages", "Messages that tools at /foxglove were sent."],
  ["bytes", "Bytes of the messages that tools at /foxglove were sent."],
  ["dropped", "Messages that a tool at /foxglove was too slow for."],
  ["failures", "Clouds that could not be converted for tools at /foxglove."],
] as const;

/** Makes the metrics of the tools at `/foxglove` in `registry`. */
export function registerDoorMetrics(
  registry: Registry,
  counts: DoorCounts,
): void {
  const registers = [registry];
  new Gauge({
    name: "pointwire_foxglove_clients",
    help: "Tools that are connected to /foxglove.",
    registers,
    collect() {
      this.set(counts.clients);
    },
  });
  for (const [name, help] of COUNTERS) {
    new Counter({
      name: `pointwire_foxglove_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(counts[name]);
      },
    });
  }
}
