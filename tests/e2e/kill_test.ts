/** What is left of programs that are killed, and that it isn't much. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { boundUdpPorts, udpPortsOf, usageOf } from "../../tools/proc.ts";
import {
  getJson,
  type LogLine,
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { temporaryFolder, testSideBySide, until } from "../support.ts";

/** Longest wait for what a busy machine does late, milliseconds. */
const PATIENCE_MS = 60_000;

testSideBySide(["ffmpeg", "linux"], "after SIGKILL", {
  "of a client, the server holds nothing of it": killClient,
  "of a client, the next one has its name": killNamed,
  "of ffmpeg, the client ends with all that it had": killFfmpeg,
  "of the server, the client leaves nothing and the recording can be read":
    killServer,
});

/** Starts the client with a folder of its own for temporary files. */
function startClientIn(
  temporary: string,
  server: ServerProcess,
  args: string[],
): Process {
  return new Process("env", [
    ...[`TMPDIR=${temporary}`, Deno.execPath(), "run", "-P=client"],
    ...["client.ts", "--signaling", `${server.url}/offer`, ...args],
  ]);
}

async function killClient(): Promise<void> {
  await using folder = await temporaryFolder();
  // Another Worker would have files of its own.
  await using server = await startServer(["--workers", "1"]);
  // It answers from its Worker, which has all its files then.
  await getJson(`${server.url}/sessions`);
  const idle = await usageOf(server.child.pid);
  await using client = startClientIn(folder.path, server, ["--duration", "0"]);
  await whenVideo(server, 1);
  const children = await childrenOf(client);
  assertGreater(children.length, 1);
  assertGreater((await udpPortsOf(server.child.pid)).length, 0);
  const ports = await udpPortsOf(client.child.pid);
  assertGreater(ports.length, 0);

  await client.stop("SIGKILL");
  const closed = await server.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  );
  assertMatch(String(closed.reason), /^nothing came for /);
  await whenEnded(children, client);
  const bound = await boundUdpPorts();
  assertEquals(ports.filter((port) => bound.has(port)), []);
  assertEquals(await namesIn(folder.path), []);
  assertEquals(await udpPortsOf(server.child.pid), []);
  // Its pipes and sockets too; the connections of this test's requests may stay.
  const { files } = await usageOf(server.child.pid);
  assert(files <= idle.files + 4, `${files} after ${idle.files}`);
}

async function killNamed(): Promise<void> {
  await using server = await startServer();
  const args = ["--name", "robot-7", "--media", "none", "--duration", "0"];
  const start = () => startClient(server, [...args, "--log-format", "json"]);
  const connected = async (client: Process) => {
    const isConnected = ({ message }: LogLine) => message === "connected";
    return await client.waitForLog("the connection", isConnected);
  };
  await using first = start();
  assertEquals((await connected(first)).name, "robot-7");
  // Before the first one's end, which the server notices while this one starts.
  await using second = start();
  const refused = await second.waitForLog(
    "the refusal",
    ({ message }) => message === "not connected yet",
  );
  assertMatch(String(refused.error), /The name robot-7 is in use/);
  await first.stop("SIGKILL");
  assertEquals((await connected(second)).name, "robot-7");
  const session = await getJson<SessionSnapshot>(
    `${server.url}/sessions/robot-7`,
  );
  assertEquals(session.state, "connected");

  // A third is another robot.
  const late = await startClient(server, args).finished();
  assertEquals(late.code, 1);
}

async function killFfmpeg(): Promise<void> {
  await using folder = await temporaryFolder();
  await using server = await startServer();
  await using client = startClientIn(folder.path, server, [
    ...["--duration", "3", "--points", "1000"],
  ]);
  await whenVideo(server, 1);
  const children = await childrenOf(client);
  const ports = await udpPortsOf(client.child.pid);
  for (const pid of children) Deno.kill(pid, "SIGKILL");
  // Before the client's own end: its ffmpeg isn't left as a zombie.
  await whenEnded(children, client);
  assertEquals((await client.finished()).code, 1);
  assertMatch(client.stderr.at(-1)!, /^The media stopped: ffmpeg /);
  const closed = await server.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  ) as unknown as SessionSnapshot & { reason: string };
  assertEquals(closed.reason, "the peer closed the connection");
  assertEquals(closed.points.frames, 12);
  const bound = await boundUdpPorts();
  assertEquals(ports.filter((port) => bound.has(port)), []);
  assertEquals(await namesIn(folder.path), []);
}

async function killServer(): Promise<void> {
  await using folder = await temporaryFolder();
  await using recordings = await temporaryFolder();
  const { path } = recordings;
  await using server = await startServer([
    "--record",
    path,
    "--record-media",
    "raw",
  ], [
    `--allow-write=${path}`,
    `--allow-read=${path},lib/serving/page`,
  ]);
  await using client = startClientIn(folder.path, server, [
    ...["--duration", "0", "--points", "1000", "--no-reconnect"],
  ]);
  await whenVideo(server, 20);
  const children = await childrenOf(client);
  const ports = [
    ...await udpPortsOf(server.child.pid),
    ...await udpPortsOf(client.child.pid),
  ];
  await server.stop("SIGKILL");
  assertEquals((await client.finished()).code, 1);
  assertMatch(client.stderr.at(-1)!, /^The server was lost: nothing came/);
  await whenEnded(children, client);
  const bound = await boundUdpPorts();
  assertEquals(ports.filter((port) => bound.has(port)), []);
  assertEquals(await namesIn(folder.path), []);

  const files = await namesIn(path);
  assertEquals(files.map((name) => name.replace(/.*\./, "")), [
    "mcap",
    "ivf",
    "ogg",
  ]);
  for (const [i, codec] of ["vp8", "opus"].entries()) {
    const [name, frames] = (await probe(`${path}/${files[i + 1]}`)).split(",");
    assertEquals(name, codec);
    assertGreater(Number(frames), 10, files[i + 1]);
  }
}

/** Waits until the server has put so many video frames together. */
async function whenVideo(server: ServerProcess, frames: number) {
  const url = `${server.url}/sessions`;
  await until(async () => {
    const [session] = await getJson<SessionSnapshot[]>(url);
    return session !== undefined && session.video.frames >= frames;
  }, { what: `${frames} video frames`, within: PATIENCE_MS });
}

async function childrenOf({ child }: Process): Promise<number[]> {
  const pids = await output("pgrep", ["-P", `${child.pid}`]);
  return pids.split("\n").filter(Boolean).map(Number);
}

/**
 * Waits until processes have ended; a parent that lives must have seen it, so that
 * there is no zombie of it.
 */
async function whenEnded(pids: number[], { child }: Process): Promise<void> {
  const args = ["-o", "stat=,ppid=", "-p", pids.join(",")];
  const isLeft = (line: string) =>
    !line.startsWith("Z") || line.trim().endsWith(` ${child.pid}`);
  await until(async () => {
    const lines = (await output("ps", args)).split("\n").filter(Boolean);
    return !lines.some(isLeft);
  }, { what: `the end of processes ${pids}`, within: PATIENCE_MS });
}

/** The codec of a media file, and the frames that can be decoded of it. */
async function probe(path: string): Promise<string> {
  const entries = "stream=codec_name,nb_read_frames";
  return (await output("ffprobe", [
    ...["-v", "error", "-count_frames", "-show_entries", entries],
    ...["-of", "csv=p=0", path],
  ])).trim();
}

async function output(program: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout);
}

async function namesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(path)) names.push(name);
  return names.toSorted((a, b) =>
    a.slice(-3).localeCompare(b.slice(-3)) || a.localeCompare(b)
  );
}
