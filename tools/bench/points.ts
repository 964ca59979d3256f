/**
 * `deno task bench:points`: points end to end, with the real server and client
 * through the relay, video beside them.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { cameraClip } from "../camera_clip.ts";
import { startRelay } from "../impair/relay_process.ts";
import { processorTimes } from "../proc.ts";
import { type Process, startClient, startServer } from "../processes.ts";
import { writeTurns } from "./points/turns.ts";
import { BUFFERS_OPTION, measureUnder } from "./transport/buffers.ts";
import { installedKinds } from "./transport/programs.ts";
import { runEntry } from "./transport/run_entry.ts";
import { markdownTable } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:points [OPTIONS]", {
  seconds: {
    type: "integer",
    min: 2,
    max: 3600,
    default: 60,
    help: "Seconds of each stream over a network",
  },
  buffers: BUFFERS_OPTION,
  json: { type: "text", help: "File to write all figures to" },
});

/** A stream, the network that it takes, and the client's options for it. */
interface Scenario {
  stream: string;
  network: string;
  impairments?: string[];
  args: string[];
}

/** The figures of one scenario. */
interface Outcome {
  stream: string;
  network: string;
  /** Of the client; without the peer that isn't ours. */
  report?: PublishReport;
  /** Percent of the time that the video stood still. */
  frozen?: number;
  /** Cores that were busy for them, with ffmpeg. */
  cpu?: { client: number; server: number };
  /** Millions of points a second that arrived. */
  rate: number;
}

/**
 * Time between two looks at the server's count of video frames, milliseconds.
 */
const LOOK_MS = 20;
/** When all is started and connected, and how often it is looked at then. */
const START_MS = 3000;
const CPU_LOOK_MS = 500;
const FLAT_OUT_SECONDS = 8;
/** Runs of each row that is as fast as it can; the middle one counts. */
const FLAT_OUT_RUNS = 5;
const BYTES_PER_POINT = 12;

const DENSE = { points: 300_000, rate: 20, turns: 10 };
const dense = await Deno.makeTempDir({ prefix: "pointwire-bench-" });
await writeTurns(dense, DENSE);

const stream = [
  ...["--points", "100000", "--mtu", "1280"],
  ...["--duration", `${options.seconds}`],
];
const SCENARIOS: Scenario[] = [{
  stream: "100,000 x 4 Hz, cloudini, video",
  network: "RTT 50 ms, 1 % loss",
  impairments: ["--delay", "25", "--loss", "1"],
  args: stream,
}, {
  stream: "100,000 x 4 Hz, raw float32, video",
  network: "RTT 50 ms, 0.2 % loss",
  impairments: ["--delay", "25", "--loss", "0.2"],
  args: [...stream, "--codec", "f32"],
}, {
  stream: "100,000 x 4 Hz, cloudini, 720p camera",
  network: "RTT 50 ms, 1 % loss",
  impairments: ["--delay", "25", "--loss", "1"],
  args: [...stream, "--media", await cameraClip("720p30")],
}, {
  stream: "300,000 x 20 Hz, x y z intensity ring t",
  network: "loopback",
  args: [
    ...["--source", dense, "--loop", "--rate", `${DENSE.rate}`],
    ...["--media", "none", "--duration", `${options.seconds}`],
  ],
}];
const FLAT_OUT: Scenario = {
  stream: "lidar, cloudini 1 mm, flat out",
  network: "loopback",
  args: [
    ...["--source", "lidar", "--points", "100000", "--rate", "1000"],
    ...["--duration", `${FLAT_OUT_SECONDS}`, "--media", "none"],
  ],
};

const kinds = await installedKinds(["aiortc"]);
try {
  await measureUnder(options, async () => {
    const outcomes: Outcome[] = [];
    for (const scenario of SCENARIOS) outcomes.push(await run(scenario));
    outcomes.push(...await runFlatOut());
    console.log(formatTable(outcomes));
    return outcomes;
  });
} finally {
  await Deno.remove(dense, { recursive: true });
}
Deno.exit(0);

async function run(scenario: Scenario): Promise<Outcome> {
  const { stream, network, impairments, args } = scenario;
  await using server = await startServer();
  await using relay = impairments && await startRelay(server, impairments);
  await using client = startClient(relay ?? server, ["--json", ...args]);
  const stop = new AbortController();
  const frozen = watchVideo(server.url, stop.signal);
  const cpu = measureCpu({ client, server });
  await client.finished();
  stop.abort();
  const report: PublishReport = JSON.parse(await client.stdout);
  return {
    stream,
    network,
    report,
    frozen: await frozen,
    cpu: await cpu,
    rate: report.framesAcked * report.pointsPerFrame / report.seconds / 1e6,
  };
}

/** Measures the processors' time from when both are busy to when one ends. */
async function measureCpu(
  processes: { client: Process; server: Process },
): Promise<Outcome["cpu"]> {
  const { client, server } = processes;
  let ended = false;
  void client.child.status.then(() => ended = true);
  const look = async () => ({
    at: performance.now(),
    client: (await processorTimes(client.child.pid)).own,
    server: (await processorTimes(server.child.pid)).own,
  });
  await new Promise((resolve) => setTimeout(resolve, START_MS));
  const first = await look();
  let last = first;
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, CPU_LOOK_MS));
    const now = await look();
    if (!ended) last = now;
  }
  const seconds = (last.at - first.at) / 1000;
  if (seconds <= 0) return undefined;
  return {
    client: (last.client - first.client) / seconds,
    server: (last.server - first.server) / seconds,
  };
}

/** Ours and aiortc's in turn, the middle one of each. */
async function runFlatOut(): Promise<Outcome[]> {
  const rows: Outcome[][] = [[], []];
  for (let i = 0; i < FLAT_OUT_RUNS; i++) {
    rows[0].push(await run(FLAT_OUT));
    if (kinds.has("aiortc")) rows[1].push(await runAiortc());
  }
  return rows.filter((row) => row.length > 0).map((row) =>
    row.toSorted((a, b) => a.rate - b.rate)[row.length >> 1]
  );
}

/** Raw float32 as fast as it goes, from aiortc to itself. */
async function runAiortc(): Promise<Outcome> {
  const flows = [{ from: "aiortc" as const, to: "aiortc" as const }];
  const entry = { name: "aiortc", flows };
  const { rate } = await runEntry({}, entry, FLAT_OUT_SECONDS);
  return {
    stream: "aiortc to itself, raw float32",
    network: "loopback",
    rate: rate / BYTES_PER_POINT,
  };
}

/**
 * Measures the percent of the time that the video stood still, as
 * totalFreezesDuration of W3C webrtc-stats has it: a frame that comes later
 * than three times the mean interval, and than that and 150 ms, ends a freeze.
 */
async function watchVideo(
  url: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const times: number[] = [];
  let count = 0;
  while (!signal.aborted) {
    const sessions: SessionSnapshot[] = await (await fetch(`${url}/sessions`))
      .json();
    const frames = sessions.at(-1)?.video.frames ?? 0;
    if (frames > count) {
      count = frames;
      times.push(performance.now());
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  if (times.length < 10) return undefined;
  const total = times.at(-1)! - times[0];
  const mean = total / (times.length - 1);
  const least = Math.max(3 * mean, mean + 150);
  let frozen = 0;
  for (let i = 1; i < times.length; i++) {
    const interval = times[i] - times[i - 1];
    if (interval > least) frozen += interval;
  }
  return 100 * frozen / total;
}

function formatTable(outcomes: Outcome[]): string {
  const show = (value: number | string | undefined | null, unit: string) =>
    value == undefined ? "-" : `${value}${unit}`;
  return markdownTable([
    [
      ...["stream", "network", "frames", "dropped", "latency p50", "p95"],
      ...["video frozen", "Mpts/s", "CPU client", "CPU server"],
    ],
    ...outcomes.map(({ stream, network, report, frozen, rate, cpu }) => [
      stream,
      network,
      show(report?.framesSent, ""),
      show(report?.framesDropped, ""),
      show(report?.latencyMs.p50, " ms"),
      show(report?.latencyMs.p95, " ms"),
      show(frozen && +frozen.toFixed(1), " %"),
      rate.toFixed(2),
      show(cpu?.client.toFixed(2), ""),
      show(cpu?.server.toFixed(2), ""),
    ]),
  ]);
}
