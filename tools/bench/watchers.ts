/**
 * `deno task bench:watchers`: what watchers cost a server. It measures what is
 * delivered to 1, 10, 50 and 200 watchers of one session and of several, with
 * one Worker and with more: bytes, processor time, latency, and frames lost.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { Process, startServer } from "../processes.ts";
import { startRelay } from "../impair/relay_process.ts";
import { usageOf } from "../proc.ts";
import { BUFFERS_OPTION, measureUnder } from "./transport/buffers.ts";
import { startPublishers } from "./sessions/start_publishers.ts";
import { coresDuring, measureReport } from "./measured_process.ts";
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
  libraries: {
    type: "choice",
    choices: ["both", "with", "without"],
    default: "both",
    help: "Whether the server may call the system's libraries (--allow-ffi)",
  },
  links: {
    type: "text",
    help: "Mbit/s of the watchers' links, in turn, with commas between",
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

/** None where they watch straight. */
const LINKS = options.links?.split(",") ?? [];
const WATCHERS = "tools/bench/watchers/watchers.ts";
/** Code is still being compiled in the first seconds. */
const WARM_UP_S = 4;

const LIBRARIES = { both: [false, true], with: [true], without: [false] };

interface Setting {
  watchers: number;
  sessions: number;
  workers: number;
  /** Whether the server may call the system's libraries. */
  libraries: boolean;
}

/** One measurement. */
interface Figures extends Setting {
  /** Of the watchers of each link. */
  reports: WatchersReport[];
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
            LIBRARIES[options.libraries]
              .map((libraries) => ({ watchers, sessions, workers, libraries }))
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
  ], setting.libraries ? ["--allow-ffi"] : []);
  await using _ = await startPublishers(server, { sessions, points, rate });
  const pause = () => new Promise((wake) => setTimeout(wake, WARM_UP_S * 1000));
  await pause();
  const coresAlone = await coresDuring(server, pause());
  await using links = new AsyncDisposableStack();
  const doors: string[] = [];
  for (const rate of LINKS) {
    const relay = await startRelay(server, [
      ...["--rate", rate, "--delay", "20", "--queue", "100", "--apart"],
    ]);
    doors.push(links.use(relay).url);
  }
  await using process = new Process(Deno.execPath(), [
    ...["run", "-q", "-P=bench-publisher", WATCHERS],
    ...[
      `${doors.length === 0 ? server.url : doors}`,
      `${watchers}`,
      `${WARM_UP_S}`,
      `${seconds}`,
    ],
  ]);
  const { report: reports, cores } = await measureReport<WatchersReport[]>(
    process,
    server,
  );
  const { memory } = await usageOf(server.child.pid);
  return { ...setting, reports, cores, coresAlone, memory };
}

function tableOf(figures: Figures[]): string {
  return markdownTable([
    [
      ...["watchers", "sessions", "Workers", "libraries", "link", "MB/s"],
      ...["clouds", "points", "latency", "p95", "cores", "s of CPU a GB"],
      "MiB",
    ],
    ...figures.flatMap(rowsOf),
  ]);
}

/** A row for each link; what the server took stands in the first. */
function rowsOf(figures: Figures): string[][] {
  const { reports, sessions, workers, libraries, memory } = figures;
  const bytes = reports.reduce((sum, { bytes }) => sum + bytes, 0);
  const cores = figures.cores - figures.coresAlone;
  return reports.map((report, i) => {
    const { watchers, seconds, frames, points, latency } = report;
    const due = watchers * options.rate * seconds;
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const server = [
      figures.cores.toFixed(2),
      (cores / (bytes / seconds / 1e9)).toFixed(1),
      memory.toFixed(0),
    ];
    return [
      ...[watchers, sessions, workers].map(String),
      libraries ? "yes" : "no",
      LINKS[i] === undefined ? "loopback" : `${LINKS[i]} Mbit/s`,
      (report.bytes / seconds / 1e6).toFixed(1),
      percent(frames / due),
      percent(points / (due * options.points)),
      `${latency.median.toFixed(0)} ms`,
      `${latency.p95.toFixed(0)} ms`,
      ...i === 0 ? server : server.map(() => ""),
    ];
  });
}
