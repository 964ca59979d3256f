/** Connections that are lost, and come back, with the real programs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { testSideBySide, until } from "../support.ts";
import {
  getJson,
  type Process,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { startRelay } from "../../tools/impair/relay_process.ts";

/** Longest wait for what a busy machine does late, milliseconds. */
const PATIENCE_MS = 60_000;
/** Frames a second, unless a client is told otherwise. */
const RATE = 4;

const CLIENT = ["--json", "--log-format", "json", "--mtu", "1280"];

function startPublisher(server: { url: string }, args: string[]): Process {
  return startClient(server, [...CLIENT, ...args]);
}

async function reportOf(client: Process): Promise<PublishReport> {
  return JSON.parse(await client.stdout);
}

/** Waits until a server has received so many frames in its newest session. */
async function whenReceived(
  server: { url: string },
  frames: number,
): Promise<SessionSnapshot> {
  return await until(async () => {
    const sessions = await getJson<SessionSnapshot[]>(`${server.url}/sessions`);
    const newest = sessions.at(-1);
    return newest && newest.points.frames >= frames && newest;
  }, { what: `${frames} frames`, within: PATIENCE_MS });
}

testSideBySide(["ffmpeg"], "a client that loses its connection", {
  "outlives a server that is restarted": restartServer,
  "outlives a network outage": cutNetwork,
  "gives up where it is told to": giveUp,
});

async function restartServer(): Promise<void> {
  await using server = await startServer();
  const { port } = new URL(server.url);
  await using client = startPublisher(server, [
    ...["--duration", "0", "--points", "5000", "--verify"],
  ]);
  const before = await whenReceived(server, 4);
  assertEquals(before.resumes, null);
  await server.stop("SIGKILL");

  await using again = await startServer(["--port", port]);
  const after = await whenReceived(again, 4);
  // Its numbers go on, and the media is there again, from a keyframe on.
  assert(after.points.lastFrame! > before.points.lastFrame!);
  await until(async () => {
    const [session] = await getJson<SessionSnapshot[]>(`${again.url}/sessions`);
    return session.video.keyframes > 0 && session.audio.frames > 0;
  }, { what: "the media", within: PATIENCE_MS });
  await client.stop("SIGINT");
  const session = await again.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  ) as unknown as SessionSnapshot;
  const report = await reportOf(client);
  assertAllAccountedFor(report, session.points.lastFrame! + 1);
  assertEquals(report.verified?.mismatched, 0);
}

async function cutNetwork(): Promise<void> {
  await using server = await startServer();
  await using relay = await startRelay(server, ["--delay", "10"]);
  await using client = startPublisher(relay, [
    ...["--duration", "0", "--points", "5000"],
  ]);
  const before = await whenReceived(server, 4);
  await relay.impair({ down: true });
  const cut = performance.now();
  await client.waitForLog(
    "the loss of the connection",
    ({ message }) => message === "connection lost",
  );
  await client.waitForLog(
    "a try that fails",
    ({ message }) => message === "not connected yet",
  );
  await relay.impair({ down: false });
  const back = performance.now();
  const missed = Math.floor((back - cut) / 1000 * RATE);
  const reached = before.points.lastFrame! + missed;
  await until(async () => {
    const url = `${server.url}/sessions`;
    const sessions = await getJson<SessionSnapshot[]>(url);
    return sessions.some(({ points }) => points.lastFrame! >= reached);
  }, { what: `frame ${reached}`, within: PATIENCE_MS });
  await client.stop("SIGINT");
  assertAllAccountedFor(await reportOf(client));
}

/** Each frame arrived, was dropped, or was under way when a connection was lost. */
function assertAllAccountedFor(report: PublishReport, frames?: number): void {
  const { framesSent, framesAcked, framesDropped, outages } = report;
  if (frames !== undefined) assertEquals(framesSent + framesDropped, frames);
  assertEquals(outages.length, 1, JSON.stringify(outages));
  const [outage] = outages;
  assert(outage.seconds > 0 && outage.framesDropped > 0);
  // A busy machine drops some besides.
  assert(outage.framesDropped <= framesDropped);
  const unknown = framesSent - framesAcked - outage.framesUnacknowledged;
  // The newest may be under way as it is stopped.
  assert(0 <= unknown && unknown <= RATE, `of ${unknown} nothing is known`);
}

async function giveUp(): Promise<void> {
  await using first = await startServer();
  await using second = await startServer();
  const args = ["--duration", "0", "--points", "100", "--media", "none"];
  await using never = startPublisher(first, [...args, "--no-reconnect"]);
  await using shortly = startPublisher(second, [
    ...args,
    ...["--reconnect-for", "2"],
  ]);
  await Promise.all([whenReceived(first, 2), whenReceived(second, 2)]);
  await Promise.all([first.stop("SIGINT"), second.stop("SIGINT")]);
  assertEquals((await never.finished()).code, 1);
  assertEquals(
    (await reportOf(never)).failure,
    "The server ended the session: the server stopped",
  );
  assertEquals((await shortly.finished()).code, 1);
  assertMatch(
    (await reportOf(shortly)).failure!,
    /no new connection within 2 s/,
  );
}
