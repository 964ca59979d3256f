import { Counter, Gauge, type Registry } from "prom-client";
import type { RecordingCounters } from "../recording/recording_options.ts";

/** Makes the metrics of recordings in `registry`. */
export function registerRecordingMetrics(
  registry: Registry,
  read: () => Promise<RecordingCounters>,
): void {
  const registers = [registry];
  let counters: Promise<RecordingCounters | undefined>;
  new Gauge({
    name: "pointwire_recordings",
    help: "Sessions that are recorded.",
    registers,
    async collect() {
      // The first of them asks for all; a recorder that died answers nothing.
      counters = read().catch(() => undefined);
      this.set((await counters)?.recordings ?? 0);
    },
  });
  new Gauge({
    name: "pointwire_recording_files",
    help: "Files of recordings that are being written.",
    registers,
    async collect() {
      this.set((await counters)?.openFiles ?? 0);
    },
  });
  const totals = {
    bytes: ["bytes", "Bytes written into recordings."],
    dropped: [
      "messages_dropped",
      "Clouds, pictures and sounds that the disk was too slow or too full for.",
    ],
    errors: ["errors", "Files of recordings that could not be written whole."],
  } as const;
  for (const key of ["bytes", "dropped", "errors"] as const) {
    const [name, help] = totals[key];
    new Counter({
      name: `pointwire_recording_${name}_total`,
      help,
      registers,
      async collect() {
        const count = (await counters)?.[key];
        if (count === undefined) return;
        this.reset();
        this.inc(count);
      },
    });
  }
}
