/**
 * `deno task bench:sessions`: how many publishers one server takes in its
 * Workers. It measures the rate, flat out, with one Worker and with more, in
 * turn, how many sessions of 100,000 points at 4 Hz the server holds, and what
 * a session costs, and its recording.
 */
import { setTimeout as delay } from "node:timers/promises";
import { readCommandLine } from "../../lib/cli/exit.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { getJson, type ServerProcess, startServer } from "../processes.ts";
import { usageOf } from "../proc.ts";
import { measureRecorded, type RecordedFigures } from "./sessions/recorded.ts";
import { startPublishers, type Stream } from "./sessions/start_publishers.ts";
import { BUFFERS_OPTION, measureUnder } from "./transport/buffers.ts";
import { markdownTable, median } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:sessions [OPTIONS]", {
  rounds: { type: "integer", min: 1, max: 99, default: 3, help: "Rounds" },
  seconds: {
    type: "number",
    min: 1,
    default: 8,
    help: "Time that each measurement takes",
  },
  workers: {
    type: "integer",
    min: 2,
    max: 64,
    default: Math.max(2, Math.min(navigator.hardwareConcurrency, 8)),
    help: "Workers that one is compared with",
  },
  measure: {
    type: "choice",
    choices: ["all", "rates", "held", "cost", "recorded"],
    default: "all",
    help: "What is measured",
  },
  against: {
    type: "text",
    help: "Checkout whose server's cost is measured in turn with this one's",
  },
  buffers: BUFFERS_OPTION,
  json: { type: "text", help: "File to write all figures to" },
});

/** Points of each frame of a session that is to be held. */
const POINTS = 100_000;
/** Frames a second of such a session. */
const RATE = 4;
/** Share of the frames that has to arrive of a session that is held. */
const HELD = 0.99;

/** The streams that the cost of a session is measured with. */
const STREAMS: readonly Stream[] = [
  { points: 100_000, rate: 4, sessions: 6 },
  { points: 300_000, rate: 10, sessions: 1 },
];

/** What is recorded at once. */
const RECORDED: Stream = { sessions: 10, points: POINTS, rate: 10 };

/** One measurement. */
interface Figures {
  workers: number;
  sessions: number;
  /** Received, bytes a second. */
  bytesPerSecond: number;
  /** Share of the frames due that came. */
  arrived?: number;
  /** Of the server's process, cores in use. */
  cores: number;
  /** Resident memory of the server's process, MiB. */
  memory: number;
  /** The same before the sessions came. */
  memoryBefore: number;
}

await measureUnder(options, async () => {
  const figures: (Figures | RecordedFigures)[] = [];
  const isWanted = (what: typeof options.measure) =>
    ["all", what].includes(options.measure);
  if (isWanted("rates")) figures.push(...await measureRates());
  if (isWanted("held")) figures.push(...await measureHeld());
  if (isWanted("cost")) figures.push(...await measureCost());
  if (isWanted("recorded")) {
    figures.push(...await measureRecorded(RECORDED, options.seconds));
  }
  return figures;
});
Deno.exit(0);

/** Measures one Worker against more, in turn. */
async function measureRates(): Promise<Figures[]> {
  const { rounds, workers } = options;
  const figures: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const each of [1, workers]) {
      const stream = { sessions: workers, points: POINTS, rate: 0 };
      figures.push(await measure(each, stream));
    }
  }
  const rateOf = (each: number) =>
    median(
      figures.filter((f) => f.workers === each).map((f) => f.bytesPerSecond),
    );
  const rows = [1, workers].map((each) => [
    `${each}`,
    `${(rateOf(each) / 1e6).toFixed(1)} MB/s`,
    median(figures.filter((f) => f.workers === each).map((f) => f.cores))
      .toFixed(2),
  ]);
  console.log(markdownTable([
    ["workers", `${workers} sessions, flat out`, "cores in use"],
    ...rows,
  ]));
  const ratio = rateOf(workers) / rateOf(1);
  console.log(`\n${workers} workers: ${ratio.toFixed(2)} times one\n`);
  return figures;
}

/** Finds how many sessions are held: doubles, then halves the gap. */
async function measureHeld(): Promise<Figures[]> {
  const figures: Figures[] = [];
  let [held, tooMany] = [0, Infinity];
  for (let sessions = 4; tooMany - held > 1;) {
    const stream = { sessions, points: POINTS, rate: RATE };
    const found = await measure(options.workers, stream);
    figures.push(found);
    if (found.arrived! >= HELD) held = sessions;
    else tooMany = sessions;
    sessions = tooMany === Infinity
      ? 2 * sessions
      : Math.floor((held + tooMany) / 2);
    if (tooMany !== Infinity && tooMany - held <= Math.max(1, held / 8)) break;
  }
  console.log(markdownTable([
    ["sessions", "frames arrived", "MB/s", "cores a session", "MiB a session"],
    ...figures.toSorted((a, b) => a.sessions - b.sessions).map((f) => [
      `${f.sessions}`,
      `${(100 * f.arrived!).toFixed(1)} %`,
      (f.bytesPerSecond / 1e6).toFixed(1),
      (f.cores / f.sessions).toFixed(3),
      ((f.memory - f.memoryBefore) / f.sessions).toFixed(1),
    ]),
  ]));
  console.log(`\nheld: ${held} sessions of 100,000 points at ${RATE} Hz`);
  return figures;
}

/**
 * Measures a session's cost to this checkout's server and another's, in turn.
 */
async function measureCost(): Promise<Figures[]> {
  const { against, rounds } = options;
  const figures: Figures[] = [];
  const rows: string[][] = [];
  for (const stream of STREAMS) {
    const coresOf = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const folder of against === undefined ? ["."] : [against, "."]) {
        const found = await measure(1, stream, folder);
        figures.push(found);
        const cores = found.cores / stream.sessions;
        coresOf.set(folder, [...coresOf.get(folder) ?? [], cores]);
      }
    }
    for (const [folder, cores] of coresOf) {
      rows.push([
        `${stream.points} x ${stream.rate} Hz, ${stream.sessions} sessions`,
        folder,
        median(cores).toFixed(4),
        cores.map((each) => each.toFixed(4)).join(" "),
      ]);
    }
  }
  console.log(markdownTable([
    ["stream", "checkout", "cores a session", "each round"],
    ...rows,
  ]));
  return figures;
}

async function measure(
  workers: number,
  stream: Stream,
  folder = ".",
): Promise<Figures> {
  const { sessions, rate } = stream;
  await using server = await startServer(
    [
      ...["--workers", `${workers}`, "--max-offers-per-second", "1000"],
      ...["--max-sessions", "1000", "--max-sessions-per-address", "1000"],
    ],
    [],
    { cwd: folder },
  );
  const { memory: memoryBefore } = await usageOf(server.child.pid);
  await using _publishers = await startPublishers(server, stream);
  // The first seconds are of code that is still being compiled.
  await delay(3000);
  const before = await look(server);
  await delay(options.seconds * 1000);
  const after = await look(server);
  const seconds = (after.at - before.at) / 1000;
  const frames = after.frames - before.frames;
  return {
    workers,
    sessions,
    bytesPerSecond: (after.bytes - before.bytes) / seconds,
    ...(rate > 0 ? { arrived: frames / (rate * sessions * seconds) } : {}),
    cores: (after.cpu - before.cpu) / seconds,
    memory: after.memory,
    memoryBefore,
  };
}

async function look(server: ServerProcess) {
  const list = await getJson<SessionSnapshot[]>(`${server.url}/sessions`);
  return {
    at: performance.now(),
    bytes: list.reduce((sum, { points }) => sum + points.bytes, 0),
    frames: list.reduce((sum, { points }) => sum + points.frames, 0),
    ...await usageOf(server.child.pid),
  };
}
