/** What it costs a server to record its sessions. */
import { setTimeout as delay } from "node:timers/promises";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import { usageOf } from "../../proc.ts";
import { getJson, type ServerProcess, startServer } from "../../processes.ts";
import { markdownTable } from "../transport/statistics.ts";
import { startPublishers, type Stream } from "./start_publishers.ts";

/** Time in which sessions find their rate, milliseconds. */
const WARM_UP_MS = 4_000;
const FORMATS = ["", "pointcloud2", "cloudini"];

/** One measurement. */
export interface RecordedFigures {
  /** What clouds are recorded as; empty where they aren't. */
  format: string;
  /** Whether the server may call the system's libraries. */
  libraries: boolean;
  /** Share of the frames due that came. */
  arrived: number;
  /** Messages that the recording left out, and bytes a second that it wrote. */
  leftOut: number;
  written: number;
  /** Of the server's process, cores in use. */
  cores: number;
}

/** Measures each way of recording, and none, and prints a table. */
export async function measureRecorded(
  stream: Stream,
  seconds: number,
): Promise<RecordedFigures[]> {
  const figures: RecordedFigures[] = [];
  for (const format of FORMATS) {
    for (const libraries of [false, true]) {
      figures.push(await measure(stream, { format, libraries, seconds }));
    }
  }
  console.log(markdownTable([
    ["recorded as", "libraries", "arrived", "left out", "cores", "MB/s"],
    ...figures.map(
      ({ format, libraries, arrived, leftOut, cores, written }) => [
        format || "not at all",
        libraries ? "yes" : "no",
        `${(100 * arrived).toFixed(1)} %`,
        `${leftOut}`,
        cores.toFixed(2),
        (written / 1e6).toFixed(1),
      ],
    ),
  ]));
  return figures;
}

async function measure(
  stream: Stream,
  { format, libraries, seconds }: {
    format: string;
    libraries: boolean;
    seconds: number;
  },
): Promise<RecordedFigures> {
  const folder = await Deno.makeTempDir();
  await using life = new AsyncDisposableStack();
  life.defer(() => Deno.remove(folder, { recursive: true }));
  const record = ["--record", folder, "--record-points", format];
  const server = life.use(
    await startServer(
      [
        ...format === "" ? [] : record,
        ...["--max-offers-per-second", "1000"],
      ],
      [`--allow-write=${folder}`, ...libraries ? ["--allow-ffi"] : []],
    ),
  );
  life.use(await startPublishers(server, stream));
  await delay(WARM_UP_MS);
  const before = await look(server);
  await delay(1000 * seconds);
  const after = await look(server);
  const took = (after.at - before.at) / 1000;
  const due = stream.sessions * stream.rate * took;
  return {
    format,
    libraries,
    arrived: (after.frames - before.frames) / due,
    leftOut: after.leftOut - before.leftOut,
    written: (after.written - before.written) / took,
    cores: (after.cpu - before.cpu) / took,
  };
}

async function look(server: ServerProcess) {
  const list = await getJson<SessionSnapshot[]>(`${server.url}/sessions`);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const sumOf = (name: string) =>
    metrics.split("\n").filter((line) => line.startsWith(name))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  return {
    at: performance.now(),
    frames: list.reduce((sum, { points }) => sum + points.frames, 0),
    leftOut: sumOf("pointwire_recording_messages_dropped_total"),
    written: sumOf("pointwire_recording_bytes_total"),
    ...await usageOf(server.child.pid),
  };
}
