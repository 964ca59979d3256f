/**
 * `deno task bench:doors`: what tools of the Foxglove protocol, and readers by
 * HTTP, cost a server, and how late clouds come to them.
 */
import { setTimeout as delay } from "node:timers/promises";
import { readCommandLine } from "../../lib/cli/exit.ts";
import { Process, startClient, startServer } from "../processes.ts";
import type { ReadersReport } from "./doors/readers.ts";
import { coresDuring, measureReport } from "./measured_process.ts";
import { markdownTable } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:doors [OPTIONS]", {
  readers: {
    type: "text",
    default: "1,4",
    help: "How many read, with commas between",
  },
  points: {
    type: "integer",
    min: 1,
    default: 20_000,
    help: "Points of each cloud",
  },
  rate: { type: "number", min: 0.1, default: 10, help: "Clouds a second" },
  seconds: {
    type: "number",
    min: 1,
    default: 10,
    help: "Time that each measurement takes",
  },
});

const READERS = "tools/bench/doors/readers.ts";
/** Code is still being compiled in the first seconds. */
const WARM_UP_S = 4;
const KINDS = ["foxglove", "http"] as const;

const rows = [["door", "readers", "clouds", "latency", "p95", "MB/s", "cores"]];
for (const kind of KINDS) {
  for (const readers of options.readers.split(",").map(Number)) {
    rows.push(await measure(kind, readers));
  }
}
console.log(markdownTable(rows));
Deno.exit(0);

async function measure(
  kind: typeof KINDS[number],
  readers: number,
): Promise<string[]> {
  const { points, rate, seconds } = options;
  await using server = await startServer();
  await using client = startClient(server, [
    ...["--source", "lidar", "--points", `${points}`, "--rate", `${rate}`],
    ...["--media", "none", "--duration", "0"],
  ]);
  await client.waitFor("a frame", (line) => /frame [3-9]/.exec(line)?.[0]);
  await delay(1000 * WARM_UP_S);
  const alone = await coresDuring(server, delay(1000 * WARM_UP_S));
  await using process = new Process(Deno.execPath(), [
    ...["run", "-q", "-P=bench-publisher", READERS],
    ...[server.url, kind, `${readers}`, `${WARM_UP_S}`, `${seconds}`],
  ]);
  const { report, cores } = await measureReport<ReadersReport>(process, server);
  const { clouds, bytes, latency, seconds: took } = report;
  const due = readers * rate * took;
  return [
    kind,
    `${readers}`,
    `${(100 * clouds / due).toFixed(1)} %`,
    `${latency.median.toFixed(0)} ms`,
    `${latency.p95.toFixed(0)} ms`,
    (bytes / took / 1e6).toFixed(1),
    `${cores.toFixed(2)}, ${alone.toFixed(2)} without`,
  ];
}
