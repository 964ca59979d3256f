/**
 * `deno task bench:watchers`: what watchers cost a server. It measures what is
 * delivered to 1, 10, 50 and 200 watchers of one session and of several, with
 * one Worker and with more: bytes, processor time, latency, and frames lost.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { Process, startServer } from "../processes.ts";
import { usageOf } from "../proc.ts";
import { BUFFERS_OPTION, measureUnder } from "./transport/buffers.ts";
import { startPublishers } from "./sessions/start_publishers.ts";
import { markdownTable } from "./transport/statistics.ts";
import type { WatchersReport } from "./watchers/report.ts";

const options = readCommandLine("Usage: deno task bench:watchers [OPTIONS]", {
  watchers: {
    type: "text",
    default: "1,10,50,200",
    help: "How many watch, with commas between",
  },
  sessions: {
    type: "text",
    default: "1,4",
    help: "Sessions that they are spread over, likewise",
  },
  workers: { type: "text", default: "1,2", help: "Workers, likewise" },
  libc: {
    type: "choice",
    choices: ["both", "with", "without"],
    default: "both",
    help: "Whether the server may call libc (--allow-ffi)",
  },
  points: {
    type: "integer",
    min: 1,
    default: 100_000,
    help: "Points of each cloud",
  },
  rate: { type: "number", min: 0.1, default: 4, help: "Clouds a second" },
  mtu: {
    type: "integer",
    min: 576,
    max: 65_535,
    default: 1280,
    help: "Largest IP packet, bytes",
  },
  seconds: {
    type: "number",
    min: 1,
    default: 10,
    help: "Time that each measurement takes",
  },
  buffers: BUFFERS_OPTION,
  json: { type: "text", help: "File to write all figures to" },
});

const WATCHERS = "tools/bench/watchers/watchers.ts";
/** Code is still being compiled in the first seconds. */
const WARM_UP_S = 4;

const LIBC = { both: [false, true], with: [true], without: [false] };

interface Setting {
  watchers: number;
  sessions: number;
  workers: number;
  /** Whether the server may call libc. */
  libc: boolean;
}

/** One measurement. */
interface Figures extends Setting, WatchersReport {
  /** Of the server's process, cores in use. */
  cores: number;
  /** The same without watchers. */
  coresAlone: number;
  /** Resident memory of the server's process, MiB. */
  memory: number;
}

await measureUnder(options, async () => {
  const figures: Figures[] = [];
  for (const each of settings()) figures.push(await measure(each));
  console.log(tableOf(figures));
  return figures;
});
Deno.exit(0);

function settings(): Setting[] {
  const numbers = (text: string) => text.split(",").map(Number);
  return numbers(options.watchers).flatMap((watchers) =>
    numbers(options.sessions).filter((sessions) => sessions <= watchers)
      .flatMap((sessions) =>
        numbers(options.workers)
          .flatMap((workers) =>
            LIBC[options.libc].map((libc) => ({
              watchers,
              sessions,
              workers,
              libc,
            }))
          )
      )
  );
}

async function measure(setting: Setting): Promise<Figures> {
  const { watchers, sessions, workers } = setting;
  const { points, rate, mtu, seconds } = options;
  await using server = await startServer([
    ...["--workers", `${workers}`, "--mtu", `${mtu}`],
    ...["--max-offers-per-second", "1000", "--max-watchers", "1000"],
    ...["--max-sessions-per-address", "1000"],
    ...["--max-watchers-per-address", "1000"],
  ], setting.libc ? ["--allow-ffi"] : []);
  const { pid } = server.child;
  await using _ = await startPublishers(server, { sessions, points, rate });
  const coresIn = async (over: Promise<unknown>) => {
    const [at, before] = [performance.now(), await usageOf(pid)];
    await over;
    const { cpu } = await usageOf(pid);
    return 1000 * (cpu - before.cpu) / (performance.now() - at);
  };
  const pause = () => new Promise((wake) => setTimeout(wake, WARM_UP_S * 1000));
  await pause();
  const coresAlone = await coresIn(pause());
  await using process = new Process(Deno.execPath(), [
    ...["run", "-q", "-P=bench-publisher", WATCHERS],
    ...[server.url, `${watchers}`, `${WARM_UP_S}`, `${seconds}`],
  ]);
  await process.waitFor(
    "the watchers",
    (line) => line === "begun" || undefined,
  );
  let report!: WatchersReport;
  const cores = await coresIn(
    process.waitFor("the report", (line) => {
      if (line.startsWith("{")) report = JSON.parse(line);
      return report;
    }),
  );
  const { memory } = await usageOf(pid);
  return { ...setting, ...report, cores, coresAlone, memory };
}

function tableOf(figures: Figures[]): string {
  return markdownTable([
    [
      ...[
        "watchers",
        "sessions",
        "Workers",
        "libc",
        "MB/s",
        "clouds",
        "points",
      ],
      ...["cores", "s of CPU a GB", "latency", "p95", "MiB"],
    ],
    ...figures.map((f) => {
      const rate = f.bytes / f.seconds;
      const due = f.watchers * options.rate * f.seconds;
      const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
      return [
        ...[f.watchers, f.sessions, f.workers].map(String),
        f.libc ? "yes" : "no",
        (rate / 1e6).toFixed(1),
        percent(f.frames / due),
        percent(f.points / (due * options.points)),
        f.cores.toFixed(2),
        ((f.cores - f.coresAlone) / (rate / 1e9)).toFixed(1),
        `${f.latency.median.toFixed(0)} ms`,
        `${f.latency.p95.toFixed(0)} ms`,
        f.memory.toFixed(0),
      ];
    }),
  ]);
}
