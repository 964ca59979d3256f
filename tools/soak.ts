/**
 * `deno task soak`: a server with publishers and watchers that come and go for
 * an hour, and whether what it holds stays the same. The result is one line of
 * JSON; the exit code is 1 where it doesn't. Linux only.
 *
 * @module
 */
import { EXIT, readCommandLine } from "../lib/cli/exit.ts";
import type { SessionSnapshot } from "../lib/session/snapshot.ts";
import { type ProcessUsage, usageOf } from "./proc.ts";
import { startServer } from "./processes.ts";
import { load } from "./soak/load.ts";
import { trendOf } from "./soak/trend.ts";
import { judge } from "./soak/verdict.ts";
import { ask, pause, visit } from "./soak/visitor.ts";

const options = readCommandLine("Usage: deno task soak [OPTIONS]", {
  minutes: { type: "number", min: 0.1, default: 60, help: "How long" },
  clients: {
    type: "integer",
    min: 0,
    default: 3,
    help: "Client processes at a time",
  },
  visitors: {
    type: "integer",
    min: 0,
    default: 3,
    help: "Other publishers at a time, and as many watchers",
  },
  seed: { type: "integer", min: 0, default: 1, help: "Who comes when" },
});

/** A server's state at a moment. */
interface Moment extends ProcessUsage {
  seconds: number;
  sessions: number;
  watchers: number;
}

/** Longest wait for the last sessions to be missed and freed, milliseconds. */
const DRAIN_MS = 60_000;
/**
 * How long an idle server's processor time is measured for, milliseconds, and
 * how often: memory is collected once after the last end.
 */
const IDLE_MS = 2_000;
const IDLE_TIMES = 3;

await using server = await startServer(["--host", "127.0.0.1"]);
const { pid } = server.child;
const never = new AbortController().signal;
const durationMs = options.minutes * 60_000;
const intervalMs = Math.min(5_000, Math.max(250, durationMs / 240));

const startedAt = performance.now();
// The first session loads what stays.
const stayMs = 500;
const first = { url: server.url, path: "/whip", signal: never, stayMs };
await visit({ ...first, manner: "hangs up" });
const before = await drained(0);
const idleBefore = await idleCpu();

const ending = new AbortController();
const counting = load({
  server,
  seed: options.seed,
  clients: options.clients,
  visitors: options.visitors,
  signal: ending.signal,
});
const samples: Moment[] = [];
const until = performance.now() + durationMs;
while (performance.now() < until) {
  await pause(intervalMs, never);
  samples.push(await look());
}
ending.abort();
const counts = await counting;
const after = await drained(before.files);
const idleAfter = await idleCpu();

const trendIn = (name: "memory" | "threads" | "files") =>
  trendOf(samples.map((each) => ({ ...each, value: each[name] })));
const trends = {
  memory: trendIn("memory"),
  threads: trendIn("threads"),
  files: trendIn("files"),
};
const complaints = judge({
  trends,
  before: { ...before, idleCpu: idleBefore },
  after: { ...after, idleCpu: idleAfter },
  errors: server.logs.filter(({ level }) => level === "error").length,
});
console.log(JSON.stringify({
  minutes: options.minutes,
  seed: options.seed,
  flat: complaints.length === 0,
  complaints,
  trends,
  before,
  after,
  idleCpu: { before: idleBefore, after: idleAfter },
  ...counts,
  samples,
}));
await server.stop();
Deno.exit(complaints.length === 0 ? EXIT.ok : EXIT.failed);

async function look(): Promise<Moment> {
  const response = await ask(`${server.url}/sessions`);
  const sessions: SessionSnapshot[] = await response.json();
  return {
    seconds: (performance.now() - startedAt) / 1000,
    ...await usageOf(pid),
    sessions: sessions.length,
    watchers: sessions.reduce((sum, { watchers }) => sum + watchers, 0),
  };
}

/**
 * Waits until no session is left and no more than so many files are open; 0 is
 * any number.
 */
async function drained(files: number): Promise<Moment> {
  const deadline = performance.now() + DRAIN_MS;
  let moment = await look();
  while (performance.now() < deadline) {
    if (moment.sessions === 0 && (files === 0 || moment.files <= files)) break;
    await pause(500, never);
    moment = await look();
  }
  return moment;
}

/** Processor time of the server that stays in use, percent of a core. */
async function idleCpu(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < IDLE_TIMES; i++) {
    const { cpu } = await usageOf(pid);
    await pause(IDLE_MS, never);
    const seconds = (await usageOf(pid)).cpu - cpu;
    least = Math.min(least, seconds / (IDLE_MS / 1000) * 100);
  }
  return least;
}
