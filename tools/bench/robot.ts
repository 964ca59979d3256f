/**
 * `deno task bench:robot`: a lidar by UDP and a camera by RTSP, sent by the
 * real client through the relay to the real server, while the camera is killed
 * and started again.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import type { PublishReport } from "../../lib/publishing/report.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { type Camera, startCamera } from "../../tests/peers/rtsp_camera.ts";
import { startRelay } from "../impair/relay_process.ts";
import { processorTimes } from "../proc.ts";
import { getJson, startClient, startServer } from "../processes.ts";
import { Gaps } from "./robot/gaps.ts";
import { startSensor } from "./robot/sensor.ts";
import { freePort } from "../../tests/free_port.ts";

const options = readCommandLine("Usage: deno task bench:robot [OPTIONS]", {
  seconds: {
    type: "integer",
    min: 30,
    max: 36_000,
    default: 600,
    help: "How long",
  },
  delay: {
    type: "number",
    min: 0,
    max: 1000,
    default: 25,
    help: "One-way delay of the network, milliseconds",
  },
  loss: {
    type: "number",
    min: 0,
    max: 100,
    default: 1,
    help: "Percent of packets lost",
  },
  kills: {
    type: "integer",
    min: 0,
    max: 100,
    default: 2,
    help: "How often the camera is killed",
  },
  away: {
    type: "number",
    min: 0,
    max: 600,
    default: 5,
    help: "Seconds that it is away",
  },
});

const CAMERA_SIZE: [number, number] = [1280, 720];
/** Time between two looks at what the server has, milliseconds. */
const LOOK_MS = 50;
/** How long all of it may take to come, milliseconds. */
const START_MS = 30_000;

const points = new Gaps();
const pictures = new Gaps();

await using server = await startServer();
await using relay = await startRelay(server, [
  ...["--delay", `${options.delay}`, "--loss", `${options.loss}`],
]);
let camera = await startCamera({ size: CAMERA_SIZE });
const sensorPort = freePort();
using _sensor = startSensor(sensorPort);
await using client = startClient(relay, [
  ...["--source", `velodyne:${sensorPort}`, "--media", camera.url, "--json"],
  ...["--mtu", "1280", "--duration", "0", "--log-format", "json"],
]);

const began = await lookUntil(() => points.count > 0 && pictures.count > 10);
if (!began) throw new Error(`Nothing came:\n${client.stderr.join("\n")}`);
const before = await Promise.all([server, client].map(times));
points.restart();
pictures.restart();
const startedAt = performance.now();
const returns: number[] = [];
let stillMs = 0;
for (let kill = 1; kill <= options.kills; kill++) {
  await lookFor(options.seconds * 1000 * kill / (options.kills + 1));
  stillMs = Math.max(stillMs, pictures.longestMs);
  camera = await killed(camera);
}
await lookFor(options.seconds * 1000);
stillMs = Math.max(stillMs, pictures.longestMs);
const seconds = (performance.now() - startedAt) / 1000;
const after = await Promise.all([server, client].map(times));
const session = await look();
await client.stop("SIGINT");
const report: PublishReport = JSON.parse(await client.stdout);
await camera[Symbol.asyncDispose]();

const [serverCpu, clientCpu] = after.map((each, i) =>
  (each - before[i]) / seconds
);
const lines: [string, string][] = [
  ["seconds", seconds.toFixed(0)],
  [
    "points",
    `${session.points.frames} clouds of ${report.pointsPerFrame.toFixed(0)}`,
  ],
  ["clouds not sent", `${report.framesDropped}`],
  [
    "longest time without a new cloud",
    `${points.longestMs.toFixed(0)} ms (10 Hz)`,
  ],
  [
    "capture to server",
    `${report.latencyMs.p50} ms median, ${report.latencyMs.p95} ms p95`,
  ],
  ["pictures", `${pictures.count}`],
  ["longest standstill beside the kills", `${stillMs.toFixed(0)} ms`],
  [
    "pictures again after the camera was",
    returns.map((ms) => `${ms.toFixed(0)} ms`).join(", "),
  ],
  ["CPU of the server", `${serverCpu.toFixed(2)} of a core`],
  [
    "CPU of the client, with ffmpeg",
    `${clientCpu.toFixed(2)} of a core`,
  ],
];
for (const [what, value] of lines) console.log(`${what.padEnd(36)} ${value}`);
Deno.exit(0);

/** Kills the camera, starts it again, and waits for its pictures. */
async function killed(camera: Camera): Promise<Camera> {
  await camera[Symbol.asyncDispose]();
  const backAt = performance.now() + options.away * 1000;
  await lookUntil(() => performance.now() >= backAt);
  const again = await startCamera({ port: camera.port, size: CAMERA_SIZE });
  const returned = performance.now();
  const { count } = pictures;
  await lookUntil(() => pictures.count > count);
  returns.push(performance.now() - returned);
  pictures.restart();
  return again;
}

/** Looks until so many milliseconds are over since the start. */
async function lookFor(ms: number): Promise<void> {
  while (performance.now() - startedAt < ms) await look();
}

/** Looks until `isSo`, at most for some time; says whether it is so then. */
async function lookUntil(isSo: () => boolean): Promise<boolean> {
  const deadline = performance.now() + START_MS + options.away * 1000;
  while (!isSo() && performance.now() < deadline) await look();
  return isSo();
}

/** Notes what the server has now. */
async function look(): Promise<SessionSnapshot> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const [session] = await getJson<SessionSnapshot[]>(`${server.url}/sessions`);
  const now = performance.now();
  if (session) {
    points.note(session.points.frames, now);
    pictures.note(session.video.frames, now);
  }
  return session;
}

/** Processor time of a process and what it started, seconds. */
async function times({ child }: { child: Deno.ChildProcess }): Promise<number> {
  return (await processorTimes(child.pid)).own;
}
