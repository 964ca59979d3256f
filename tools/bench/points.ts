/**
 * `deno task bench:points`: points end to end, with the real server and client
 * through the relay, video beside them.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import type { PublishReport } from "../../lib/publisher.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { TextLineStream } from "../text_lines.ts";
import { runEntry } from "./transport/run_entry.ts";
import { markdownTable } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:points [OPTIONS]", {
  seconds: {
    type: "integer",
    min: 2,
    max: 3600,
    default: 60,
    help: "Seconds of each of the first two rows",
  },
});

const ROOT = new URL("../..", import.meta.url).pathname;
/** Time between two looks at the server's count of video frames, milliseconds. */
const LOOK_MS = 20;

const seconds = ["--duration", `${options.seconds}`];
const points = ["--points", "100000", "--mtu", "1280"];
const rows = [[
  ...["stream", "network", "frames", "dropped", "latency p50", "p95"],
  ...["video frozen", "Mpts/s"],
]];
rows.push(
  await measure(
    ["100,000 x 4 Hz, cloudini", "RTT 50 ms, 1 % loss"],
    ["--delay", "25", "--loss", "1"],
    [...points, ...seconds],
  ),
  await measure(
    ["100,000 x 4 Hz, raw float32", "RTT 50 ms, 0.2 % loss"],
    ["--delay", "25", "--loss", "0.2"],
    [...points, ...seconds, "--codec", "f32"],
  ),
  await measure(["lidar, cloudini 1 mm, flat out", "loopback"], undefined, [
    ...["--source", "lidar", "--points", "100000", "--rate", "1000"],
    ...["--duration", "8", "--media", "none"],
  ]),
);
const aiortc = await runEntry(
  {
    id: "loopback",
    title: "loopback",
    entries: [],
    targets: [],
  },
  { name: "aiortc", flows: [{ from: "aiortc", to: "aiortc" }] },
  8,
)
  .catch(() => undefined);
if (aiortc !== undefined) {
  rows.push([
    ...["aiortc to itself, raw float32", "loopback", "-", "-", "-", "-", "-"],
    (aiortc.rate / 12).toFixed(2),
  ]);
}
console.log(markdownTable(rows));
Deno.exit(0);

async function measure(
  names: string[],
  impairments: string[] | undefined,
  args: string[],
): Promise<string[]> {
  const { child: server, line } = await start(
    ["-P=server", "server.ts", "--port", "0", "--log-format", "json"],
    "stderr",
  );
  const { child: relay, line: relayLine } = impairments === undefined
    ? { child: undefined, line }
    : await start(
      ["-P=impair", "tools/impair.ts", "--server", line.url, ...impairments],
      "stdout",
    );
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "-P=client", "client.ts", "--json"],
      ...["--signaling", `${relayLine.url}/offer`, ...args],
    ],
    cwd: ROOT,
    stderr: "null",
    stdout: "piped",
  }).spawn();
  const stop = new AbortController();
  const frozen = watchVideo(line.url, stop.signal);
  const { stdout } = await client.output();
  stop.abort();
  const report: PublishReport = JSON.parse(new TextDecoder().decode(stdout));
  const { framesSent, framesDropped, framesAcked, latencyMs } = report;
  const rate = framesAcked * report.pointsPerFrame / report.seconds / 1e6;
  for (const child of [relay, server]) {
    child?.kill("SIGTERM");
    await child?.status;
  }
  return [
    ...names,
    `${framesSent}`,
    `${framesDropped}`,
    `${latencyMs.p50} ms`,
    `${latencyMs.p95} ms`,
    await frozen,
    rate.toFixed(2),
  ];
}

/** Starts a program, and waits for the line of JSON that has its address. */
async function start(args: string[], output: "stdout" | "stderr") {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", ...args],
    cwd: ROOT,
    stdout: output === "stdout" ? "piped" : "null",
    stderr: output === "stderr" ? "piped" : "null",
  }).spawn();
  const lines = child[output].pipeThrough(new TextLineStream()).values();
  const line: { url: string } = JSON.parse((await lines.next()).value!);
  void (async () => {
    while (!(await lines.next()).done);
  })();
  return { child, line };
}

/**
 * Share of the time that the video stood still, as totalFreezesDuration of W3C
 * webrtc-stats has it: a frame that comes later than three times the mean interval,
 * and than that and 150 ms, ends a freeze.
 */
async function watchVideo(url: string, signal: AbortSignal): Promise<string> {
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
  if (times.length < 10) return "-";
  const total = times.at(-1)! - times[0];
  const mean = total / (times.length - 1);
  const least = Math.max(3 * mean, mean + 150);
  let frozen = 0;
  for (let i = 1; i < times.length; i++) {
    const interval = times[i] - times[i - 1];
    if (interval > least) frozen += interval;
  }
  return `${(100 * frozen / total).toFixed(1)} %`;
}
