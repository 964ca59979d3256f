/**
 * The real programs on a network that is ten times too slow for them. With
 * PRESSURE_SECONDS=120 memory is watched for two minutes, and what came of it is
 * printed (`deno task bench:pressure`).
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { testSideBySide } from "../support.ts";
import { arrived } from "./arrived.ts";
import {
  type Process,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { startRelay } from "../../tools/impair/relay_process.ts";

const POINTS = 100_000;
const MIB = 1024 * 1024;
const SAMPLES_PER_SECOND = 2;

testSideBySide([], "on a network that is ten times too slow", {
  "frames are dropped whole and memory stays flat": stayFlat,
  "less is sent, and more when it is faster": adapt,
});

async function stayFlat(): Promise<void> {
  const seconds = Number(Deno.env.get("PRESSURE_SECONDS") ?? 12);
  const RATE = 10;
  // Raw float32: what a queue without a limit would take.
  const needed = 12 * POINTS * RATE;
  await using server = await startServer(["--host", "127.0.0.1"]);
  await using relay = await startRelay(server, [
    ...["--rate", `${needed / 10 * 8 / 1e6}`, "--delay", "20"],
    ...["--queue", "300"],
  ]);
  await using client = startClient(relay, [
    ...["--media", "none", "--codec", "f32", "--points", `${POINTS}`],
    ...["--rate", `${RATE}`, "--duration", `${seconds}`],
    ...["--no-adaptive", "--verify", "--json"],
  ]);
  await client.waitFor("the connection", (line) => /connected/.exec(line));
  const memory = await watchMemory({ client, server }, client.finished());
  const report: PublishReport = JSON.parse(await client.stdout);
  const { points } = await server.waitForLog(
    "the end of the session",
    (line) => line.message === "session closed",
  ) as unknown as SessionSnapshot;

  const { framesSent, framesDropped, verified } = report;
  assertGreater(framesSent, 2);
  assertEquals(framesSent + framesDropped, seconds * RATE);
  assertGreater(framesDropped, 2 * framesSent);
  assert(report.failure?.includes("could not keep up"), report.failure);
  // Each one that was begun arrived, whole, and nothing else.
  assertEquals(report.framesAcked, framesSent);
  assertEquals(arrived(verified), [framesSent, 0]);
  assertEquals(points.frames, framesSent);
  assertEquals(points.points, framesSent * POINTS);
  assertEquals(points.invalid, 0);

  const unsent = (needed - report.bytesSent / report.seconds) / MIB;
  for (const who of ["client", "server"]) {
    const samples = memory[who];
    assertGreater(samples.length, seconds);
    // The heap finds its working size at first; that takes some seconds.
    const grown = growth(samples.slice(samples.length / 2));
    const most = unsent / (seconds < 60 ? 2 : 10);
    const last = Math.round(samples.at(-1)!);
    const what = `${who}: ${last} MiB, ${grown.toFixed(3)} MiB/s more; ` +
      `${unsent.toFixed(1)} MiB/s can't be sent`;
    if (seconds >= 60) console.log(what);
    assertLess(grown, most, `${what} (${samples.map(Math.round)})`);
  }
}

async function adapt(): Promise<void> {
  await using server = await startServer(["--host", "127.0.0.1"]);
  // 100,000 random points four times a second are 15 Mbit/s.
  await using relay = await startRelay(server, [
    ...["--rate", "1.5", "--delay", "20", "--queue", "300"],
  ]);
  await using client = startClient(relay, [
    ...["--media", "none", "--points", `${POINTS}`, "--duration", "0"],
    ...["--verify", "--json"],
  ]);
  const lowered = await nextProgress(client, ({ share }) => share < 50);
  const settled = await nextProgress(
    client,
    ({ frames }) => frames >= lowered.frames + 8,
  );
  const later = await nextProgress(
    client,
    ({ frames }) => frames >= settled.frames + 12,
  );
  // Nine of ten were, at the level that was asked for.
  assertLessOrEqual(later.dropped - settled.dropped, 2);

  await relay.impair({ rate: 100 });
  await nextProgress(client, ({ share }) => share > 1.5 * later.share);
  await client.stop();
  const report: PublishReport = JSON.parse(await client.stdout);
  const { changes, lowest, levels } = report.streams[0].adaptation!;
  assertGreater(changes, 1);
  assertEquals(lowest.resolution, 0.008);
  assertLess(lowest.pointShare, 0.5);
  assertGreater(levels[0].pointShare, 1.5 * lowest.pointShare);
  assertLess(report.pointsPerFrame, POINTS);
  // What arrived is what was encoded, at each level.
  const [frames, mismatched] = arrived(report.verified)!;
  assertEquals(mismatched, 0);
  assertGreater(frames, later.frames);
}

/** Samples resident memory, MiB, until `end`. */
async function watchMemory(
  processes: Record<string, Process>,
  end: Promise<unknown>,
): Promise<Record<string, number[]>> {
  let isOver = false;
  void end.then(() => isOver = true);
  const memory: Record<string, number[]> = {};
  while (!isOver) {
    for (const [name, { child }] of Object.entries(processes)) {
      const mib = await residentMiB(child.pid);
      if (mib > 0) (memory[name] ??= []).push(mib);
    }
    await delay(1000 / SAMPLES_PER_SECOND);
  }
  return memory;
}

/** 0 of a process that has ended. */
async function residentMiB(pid: number): Promise<number> {
  const args = ["-o", "rss=", "-p", `${pid}`];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return Number(new TextDecoder().decode(stdout)) / 1024;
}

/** What samples grow by in a second, by the line of least squares. */
function growth(samples: number[]): number {
  const middle = (samples.length - 1) / 2;
  let product = 0;
  let square = 0;
  for (const [i, mib] of samples.entries()) {
    product += (i - middle) * mib;
    square += (i - middle) ** 2;
  }
  return product / square * SAMPLES_PER_SECOND;
}

/** What a status line says; the share of points is in percent. */
interface Progress {
  frames: number;
  dropped: number;
  share: number;
}

function parseProgress(line: string): Progress | undefined {
  const counts = /^frame (\d+) .* dropped (\d+) /.exec(line);
  if (counts === null) return;
  const [, percent = 100] = / (\S+) % of points/.exec(line) ?? [];
  return {
    frames: Number(counts[1]),
    dropped: Number(counts[2]),
    share: Number(percent),
  };
}

/** Waits for a status line that matches, of those that are still to come. */
async function nextProgress(
  client: Process,
  matches: (progress: Progress) => boolean,
): Promise<Progress> {
  const seen = client.stderr.length;
  let line = 0;
  return await client.waitFor("a status line", (text) => {
    const progress = parseProgress(text);
    const isNew = line++ >= seen;
    return isNew && progress && matches(progress) ? progress : undefined;
  });
}
