import { Counter, Gauge, type Registry } from "prom-client";
import type { RecordingTotals } from "../recording/recording_options.ts";

/** Makes the metrics of recordings in `registry`. */
export function registerRecordingMetrics(
  registry: Registry,
  read: () => Promise<RecordingTotals>,
): void {
  const registers = [registry];
  let counters: Promise<RecordingTotals | undefined>;
  new Gauge({
    name: "pointwire_recordings",
    help: "Sessions that are recorded.",
    registers,
    async collect() {
      // The first of them asks for all.
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
    bytes: ["recording_bytes", "Bytes written into recordings."],
    dropped: [
      "recording_messages_dropped",
      "Clouds, pictures and sounds that the disk was too slow or too full for.",
    ],
    errors: [
      "recording_errors",
      "Files of recordings that could not be written whole.",
    ],
    deaths: [
      "recorder_deaths",
      "Recorders that died, whose sessions went on in new files.",
    ],
  } as const;
  for (const key of ["bytes", "dropped", "errors", "deaths"] as const) {
    const [name, help] = totals[key];
    new Counter({
      name: `pointwire_${name}_total`,
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
