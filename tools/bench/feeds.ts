/**
 * `deno task bench:feeds`: feeds from one node to another, over NATS and over a
 * WebSocket between the two: what comes, how late, and what it takes. It takes
 * `nats-server`.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { Nats } from "../../tests/cluster/nats.ts";
import { freePort } from "../../tests/free_port.ts";
import { usageOf } from "../proc.ts";
import { Process } from "../processes.ts";
import { markdownTable, median } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:feeds [OPTIONS]", {
  seconds: {
    type: "number",
    min: 1,
    default: 6,
    help: "Time that each measurement takes",
  },
  runs: {
    type: "integer",
    min: 1,
    default: 3,
    help: "Runs in turn, of which the medians are told",
  },
});

/** How many feeds, bytes of a frame, and frames a second of each. */
const LOADS = [[1, 500_000, 4], [10, 500_000, 4], [1, 500_000, 2_000]] as const;
const CARRIERS = ["nats", "direct"] as const;
const ENDS = "tools/bench/cluster/feed_ends.ts";

interface Report {
  frames: number;
  bytes: number;
  p50: number;
  p95: number;
}

/** One run; CPU in seconds a GB. */
interface Figures extends Report {
  cpu: { sender: number; taker: number; nats: number };
}

const rows = [[
  ...["carrier", "feeds", "frames a second", "MB/s", "p50", "p95"],
  ...["CPU s/GB of the sender", "the taker", "NATS"],
]];
for (const load of LOADS) {
  const all = new Map(CARRIERS.map((carrier) => [carrier, [] as Figures[]]));
  for (let run = 0; run < options.runs; run++) {
    for (const carrier of CARRIERS) {
      all.get(carrier)!.push(await measure(carrier, load));
    }
  }
  for (const [carrier, figures] of all) {
    rows.push(rowOf(carrier, load, figures));
  }
}
console.log(markdownTable(rows));
Deno.exit(0);

async function measure(
  carrier: typeof CARRIERS[number],
  [feeds, bytes, rate]: typeof LOADS[number],
): Promise<Figures> {
  await using nats = await Nats.start(freePort());
  const numbers = [feeds, bytes, rate, options.seconds].map(String);
  const start = (end: "send" | "take", ...more: string[]) =>
    new Process(Deno.execPath(), [
      ...["run", "-q", "-P=bench-transport", ENDS, end, carrier, nats.url],
      ...[...numbers, ...more],
    ]);
  await using sender = start("send");
  const url = await sender.waitFor(
    "its address",
    (line) => line.startsWith("http:") ? line : undefined,
  );
  await using taker = start("take", url);
  await taker.waitFor("its begin", (line) => line === "begun" || undefined);
  const pids = [sender, taker, nats].map(({ child: { pid } }) => pid);
  const before = await Promise.all(pids.map(usageOf));
  const report = await taker.waitFor(
    "its report",
    (line) => line.startsWith("{") ? JSON.parse(line) as Report : undefined,
  );
  const after = await Promise.all(pids.map(usageOf));
  const [s, t, n] = after.map(({ cpu }, i) =>
    1e9 * (cpu - before[i].cpu) / report.bytes
  );
  return { ...report, cpu: { sender: s, taker: t, nats: n } };
}

function rowOf(
  carrier: string,
  [feeds, , rate]: typeof LOADS[number],
  figures: Figures[],
): string[] {
  const of = (value: (one: Figures) => number, digits = 0) =>
    median(figures.map(value)).toFixed(digits);
  return [
    ...[carrier, `${feeds}`, rate > 100 ? "as many as go" : `${rate}`],
    of(({ bytes }) => bytes / options.seconds / 1e6, 1),
    `${of(({ p50 }) => p50, 1)} ms`,
    `${of(({ p95 }) => p95, 1)} ms`,
    of(({ cpu }) => cpu.sender, 1),
    of(({ cpu }) => cpu.taker, 1),
    of(({ cpu }) => cpu.nats, 1),
  ];
}
