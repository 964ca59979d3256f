/** One attack on a server of its own, with neighbours. */
import {
  peakMemoryOf,
  type ProcessUsage,
  restartPeakMemory,
  usageOf,
} from "../proc.ts";
import { Process, type ServerProcess, startServer } from "../processes.ts";
import { ask, pause } from "../soak/visitor.ts";
import { MEMORY_RISE, MORE_FILES, MORE_THREADS } from "../soak/verdict.ts";
import type { Attack, AttackContext, Prepared, Sent } from "./attack.ts";
import type { Figures } from "./figures.ts";
import { Neighbours } from "./neighbours.ts";
import { HealthProbe } from "./probe.ts";

/** What is the same for all attacks. */
export interface MeasureOptions {
  /** How long each attacks. */
  seconds: number;
  /** Checkout whose server is attacked. */
  serverFolder: string;
  /** Ends it early; all that was started is stopped then. */
  signal: AbortSignal;
}

/**
 * All sessions live in one Worker: the attackers' beside the publisher's, which
 * is the worst place for it.
 */
const SERVER_ARGS = ["--host", "127.0.0.1", "--workers", "1"];
/** How long the server is looked at before the attack, milliseconds. */
const BASELINE_MS = 4_000;
/** Longest wait for all to be as before, milliseconds. */
const CALM_MS = 60_000;
/** How long the answers are looked at when all is calm, milliseconds. */
const AFTERWARDS_MS = 2_000;
const LOOK_MS = 500;
/** What an attacker may take longer than it was told, milliseconds. */
const OVERTIME_MS = 120_000;
/**
 * The attacker makes room for the server: a real one has a machine of its own.
 */
const NICENESS = "10";

const ATTACKER = "tools/attack/attacker.ts";

/**
 * Measures one attack.
 *
 * @throws {Error} where the attacker itself fails, or the server's process ends.
 * @throws the signal's reason when it is aborted.
 */
export async function measure(
  attack: Attack,
  { seconds, serverFolder, signal }: MeasureOptions,
): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const prepared: Prepared = stack.use(
    await attack.prepare?.() ?? { async [Symbol.asyncDispose]() {} },
  );
  const { args = [], permissions, token, values = {} } = prepared;
  const server = stack.use(
    await startServer([...SERVER_ARGS, ...args], permissions, {
      cwd: serverFolder,
    }),
  );
  const { pid } = server.child;
  const neighbours = stack.use(await Neighbours.start(server, token));
  using probe = new HealthProbe(server.url);
  await wait(BASELINE_MS, signal);
  const calm = { ...probe.take(), missed: neighbours.missed };
  if (attack.descriptors !== undefined) {
    await limitDescriptors(pid, attack.descriptors);
  }
  const before = await look(server, token);
  await restartPeakMemory(pid);
  const logged = server.stderr.length;

  const most: ProcessUsage = { ...before.usage };
  const sent = await attackWith(attack, {
    ...{ url: server.url, pid, seconds, serverFolder, prepared: values },
    session: neighbours.session,
  }, async () => {
    note(most, await usageOf(pid));
    await wait(LOOK_MS, signal);
  });
  const during = probe.take();
  const calmed = await whenCalm(pid, before.usage, most, signal);
  most.memory = await peakMemoryOf(pid);
  probe.take();
  await wait(AFTERWARDS_MS, signal);
  const afterwards = probe.take();
  // One who isn't answered has seen that already.
  const after = await look(server, token).catch(() => before);
  const misses = await neighbours.leave();
  misses.watcher -= calm.missed;
  const lines = server.stderr.slice(logged);
  return {
    ...{ sent, misses, calm, during, afterwards },
    ...{ before: before.usage, most, after: calmed },
    deaths: after.deaths - before.deaths,
    workersLost: before.workers - after.workers,
    errors: lines.filter((line) => /"level":"error"|^error: /i.test(line)),
    logBytes: lines.reduce((sum, { length }) => sum + length + 1, 0),
  };
}

/** Runs the attacker, with a look at the server now and then. */
async function attackWith(
  { name }: Attack,
  context: AttackContext,
  look: () => Promise<void>,
): Promise<Sent> {
  await using attacker = new Process("nice", [
    ...["-n", NICENESS, Deno.execPath(), "run", "--quiet"],
    ...["-P=bench-transport", ATTACKER, name, JSON.stringify(context)],
  ]);
  const over = new AbortController();
  const finished = attacker.finished().finally(() => over.abort());
  const late = AbortSignal.timeout(context.seconds * 1000 + OVERTIME_MS);
  while (!over.signal.aborted && !late.aborted) {
    await look();
  }
  if (late.aborted) attacker.child.kill("SIGKILL");
  const { success } = await finished;
  const text = await attacker.stdout;
  if (success && text !== "") return JSON.parse(text);
  throw new Error(
    `The attacker ${late.aborted ? "did not end" : "failed"}: ` +
      attacker.stderr.slice(-5).join(" "),
  );
}

/** Waits until a server holds what it did before, and gives what it holds. */
async function whenCalm(
  pid: number,
  before: ProcessUsage,
  most: ProcessUsage,
  signal: AbortSignal,
): Promise<ProcessUsage> {
  const deadline = performance.now() + CALM_MS;
  while (true) {
    const now = await usageOf(pid);
    note(most, now);
    const isCalm = now.files <= before.files + MORE_FILES &&
      now.threads <= before.threads + MORE_THREADS &&
      now.memory <= before.memory + MEMORY_RISE;
    if (isCalm || performance.now() > deadline) return now;
    await wait(LOOK_MS, signal);
  }
}

/** Lets a time pass. @throws the signal's reason when it is aborted. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, signal);
  signal.throwIfAborted();
}

function note(most: ProcessUsage, now: ProcessUsage): void {
  for (const name of ["memory", "threads", "files"] as const) {
    most[name] = Math.max(most[name], now[name]);
  }
}

/** A server's process, and its Workers. */
async function look(server: ServerProcess, token?: string) {
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const response = await ask(`${server.url}/metrics`, { headers });
  const text = await response.text();
  const metric = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  return {
    usage: await usageOf(server.child.pid),
    workers: metric("pointwire_workers"),
    deaths: metric("pointwire_worker_deaths_total"),
  };
}

/** Gives a process that runs a limit of its own (prlimit of util-linux). */
async function limitDescriptors(pid: number, most: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: ["--pid", `${pid}`, `--nofile=${most}:${most}`],
  }).output();
  if (!success) throw new Error("prlimit can't limit the server's descriptors");
}
