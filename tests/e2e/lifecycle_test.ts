import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
} from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { testSideBySide, testWith, until } from "../support.ts";
import { arrived } from "./arrived.ts";
import {
  getJson,
  type LogLine,
  type Process,
  startClient,
  startServer,
} from "../../tools/processes.ts";

/** Both programs promise to be gone this soon after they were told to. */
const EXIT_MS = 2000;

testWith(
  ["ffmpeg"],
  "three clients at once each get all their frames in",
  async () => {
    await using server = await startServer();
    const args = ["--json", "--verify", "--points", "5000", "--duration", "3"];
    await using a = startClient(server, args);
    await using b = startClient(server, args);
    await using c = startClient(server, args);
    const sessions = new Set<string | null>();
    for (const client of [a, b, c]) {
      const { success } = await client.finished();
      assert(success, client.stderr.join("\n"));
      const report: PublishReport = JSON.parse(await client.stdout);
      assertEquals(arrived(report.verified), [12, 0]);
      sessions.add(report.session);
    }
    assertEquals(sessions.size, 3);
    for (const session of sessions) {
      const closed = await server.waitForLog(
        "the end of a session",
        (line) => line.message === "session closed" && line.session === session,
      ) as unknown as SessionSnapshot;
      assertEquals(closed.points.frames, 12);
      assert(closed.video.frames > 0 && closed.audio.frames > 0);
    }
  },
);

for (
  const [signal, ...args] of [
    ["SIGINT"],
    ["SIGTERM", "--drain", "0"],
  ] as const
) {
  testWith(
    ["ffmpeg"],
    `${signal} ends the client, its ffmpeg and its session`,
    async () => {
      await using server = await startServer(["--log-level", "debug"]);
      await using client = startClient(server, ["--duration", "0", "--json"]);
      await streaming(server);
      const ffmpeg = await childrenOf(client);
      // One decodes and one encodes; a third may be coming up.
      assertGreaterOrEqual(ffmpeg.length, 2);
      const told = performance.now();
      const { code } = await client.stop(signal);
      assertLess(performance.now() - told, EXIT_MS);
      assertEquals(code, 0, client.stderr.join("\n"));
      assert(JSON.parse(await client.stdout).framesSent > 0);
      await whenGone(ffmpeg);
      const closed = await server.waitForLog(
        "the end of the session",
        (line) => line.message === "session closed",
      );
      assertEquals(closed.reason, "the peer closed the connection");
    },
  );

  testWith(
    ["ffmpeg"],
    `${signal} ends the server, and the client says so`,
    async () => {
      await using server = await startServer([
        ...["--log-level", "debug", ...args],
      ]);
      await using client = startClient(server, [
        ...["--duration", "0", "--no-reconnect"],
      ]);
      await streaming(server);
      const ffmpeg = await childrenOf(client);
      const told = performance.now();
      const { code } = await server.stop(signal);
      assertLess(performance.now() - told, EXIT_MS);
      assertEquals(code, 0, server.stderr.join("\n"));
      assertEquals((await client.finished()).code, 1);
      assertEquals(
        client.stderr.at(-1),
        "The server ended the session: the server stopped",
      );
      await whenGone(ffmpeg);
    },
  );
}

testSideBySide(["ffmpeg"], "when something ends", {
  "a client killed with SIGKILL is noticed and freed": killClient,
  "a server killed with SIGKILL is missed by the client": killServer,
  "a deleted session's client says why": deleteSession,
  "the points go on without ffmpeg, and it is told": killFfmpeg,
});

async function killClient(): Promise<void> {
  await using server = await startServer();
  await using killed = startClient(server, ["--duration", "0"]);
  await using other = startClient(server, [
    ...["--duration", "0", "--points", "1000", "--media", "none", "--json"],
  ]);
  await bothConnected(server);
  const ffmpeg = await childrenOf(killed);
  assertGreaterOrEqual(ffmpeg.length, 2);
  await killed.stop("SIGKILL");
  const closed = await server.waitForLog(
    "the end of the killed client's session",
    (line) => line.message === "session closed",
  );
  assertMatch(String(closed.reason), /nothing came/);
  assertEquals(
    (await getJson<unknown[]>(`${server.url}/sessions`)).length,
    1,
  );
  await whenGone(ffmpeg);

  const status = await other.stop("SIGINT");
  assertEquals(status.code, 0, other.stderr.join("\n"));
  const report: PublishReport = JSON.parse(await other.stdout);
  assertEquals(report.framesDropped, 0);
  await server.waitForLog(
    "the end of the other session",
    (line) => line.message === "session closed" && line !== closed,
  );
  assertEquals(await getJson(`${server.url}/sessions`), []);
}

async function killServer(): Promise<void> {
  await using server = await startServer(["--log-level", "debug"]);
  await using client = startClient(server, [
    ...["--duration", "0", "--points", "1000", "--media", "none"],
    "--no-reconnect",
  ]);
  await streaming(server);
  await server.stop("SIGKILL");
  assertEquals((await client.finished()).code, 1);
  assertMatch(client.stderr.at(-1)!, /^The server was lost: nothing came/);
}

async function deleteSession(): Promise<void> {
  await using server = await startServer(["--log-level", "debug"]);
  await using client = startClient(server, [
    ...["--duration", "0", "--points", "1000", "--media", "none"],
  ]);
  const { session } = await streaming(server);
  const url = `${server.url}/sessions/${session}`;
  const response = await fetch(url, { method: "DELETE" });
  assertEquals(response.status, 204);
  assertEquals((await client.finished()).code, 1);
  assertEquals(
    client.stderr.at(-1),
    "The server ended the session: the session was deleted",
  );
  const gone = await fetch(url);
  assertEquals(gone.status, 404);
  await gone.body?.cancel();
}

async function killFfmpeg(): Promise<void> {
  await using server = await startServer(["--log-level", "debug"]);
  await using client = startClient(server, [
    ...["--duration", "4", "--points", "1000", "--json"],
  ]);
  await streaming(server);
  const [ffmpeg] = await childrenOf(client);
  Deno.kill(ffmpeg, "SIGKILL");
  assertEquals((await client.finished()).code, 1);
  const report: PublishReport = JSON.parse(await client.stdout);
  assertEquals([report.framesSent, report.framesAcked], [16, 16]);
  assertMatch(client.stderr.at(-1)!, /^The media stopped: ffmpeg /);
}

/** Waits for points; with media they come after its first packet. */
function streaming(server: Process): Promise<LogLine> {
  return server.waitForLog(
    "points",
    (line) => line.message === "points frame" && Number(line.frame) >= 2,
  );
}

async function bothConnected(server: Process): Promise<void> {
  let opened = 0;
  await server.waitForLog(
    "two points channels",
    (line) => line.message === "data channel opened" && ++opened === 2,
  );
  await server.waitForLog(
    "the video",
    (line) => line.message === "track started" && line.kind === "video",
  );
}

/** The ids of the processes that a program of ours has started. */
async function childrenOf(parent: Process): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", {
    args: ["-P", `${parent.child.pid}`, "-x", "ffmpeg"],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean)
    .map(Number);
}

/** Waits until none of the processes runs, and fails where one stays. */
async function whenGone(pids: number[]): Promise<void> {
  for (const pid of pids) {
    await until(async () => !await isRunning(pid), {
      what: `the end of process ${pid}`,
    });
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", `${pid}`],
  }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}
