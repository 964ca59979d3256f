import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import { readSamples } from "../observability/support.ts";
import { JSON_BODY, testSideBySide } from "../support.ts";
import {
  type LogLine,
  type Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";

testSideBySide([], "what an operator sees", {
  "metrics and log tell of a client, and don't forget it": countClient,
  "a draining server takes nothing new, and ends with its last session": drain,
  "a drained server closes what is still there": drainInVain,
  "a second signal ends the draining": hurry,
});

async function countClient(): Promise<void> {
  await using server = await startServer(["--log-level", "debug"]);
  const before = await scrape(server);
  assertEquals(before.get("pointwire_frames_total"), 0);
  await using client = startClient(server, [
    ...["--points", "500", "--rate", "20", "--duration", "1", "--json"],
    ...["--media", "none"],
  ]);
  await client.finished();
  const report: PublishReport = JSON.parse(await client.stdout);
  await server.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  );
  assertNamed(server.logs);
  const after = await scrape(server);
  const value = (name: string) => after.get(`pointwire_${name}`);
  // A busy machine drops some, and sends less of the others.
  const frames = report.framesSent;
  assert(frames > 0, client.stderr.join("\n"));
  assertEquals(value("frames_total"), frames);
  const points = value("points_total")!;
  assert(0 < points && points <= 500 * frames, `${points} points`);
  assertEquals(value("frame_latency_seconds_count"), frames);
  assert(value("points_bytes_total")! > 0);
  assert(value("round_trip_seconds_count")! > 0);
  assertEquals(value("sessions_connected_total"), 1);
  assertEquals(value('sessions_closed_total{code="ended"}'), 1);
  assertEquals(value('sessions{state="connected"}'), 0);
  const requests = 'http_requests_total{method="POST",route="/offer"';
  assertEquals(value(`${requests},status="200"}`), 1);
}

/** Every line about a session names it, and where its offer came from. */
function assertNamed(lines: LogLine[]): void {
  const offered = lines.findIndex(({ message }) =>
    message === "offer answered"
  );
  const { session, remote } = lines[offered];
  assert(typeof session === "string" && remote === "127.0.0.1");
  const about = lines.slice(offered);
  for (const line of about) {
    assertEquals([line.session, line.remote], [session, remote], line.message);
  }
  const messages = new Set(about.map(({ message }) => message));
  const expected = ["session connected", "data channel opened", "points frame"];
  assert(messages.isSupersetOf(new Set(expected)));
}

async function drain(): Promise<void> {
  await using server = await startServer([
    ...["--log-level", "debug", "--drain", "60"],
  ]);
  await using client = startStreaming(server);
  await streaming(server, 2);
  const ready = await fetch(`${server.url}/readyz`);
  assertEquals(await ready.json(), { status: "ready" });

  server.child.kill("SIGTERM");
  const notice = await client.waitForLog("the notice", isNotice);
  assertEquals([notice.reason, notice.seconds], ["the server stops", 60]);
  for (
    const [method, path, body] of [
      ["GET", "/readyz"],
      ["POST", "/offer", offerBody()],
    ]
  ) {
    const headers = method === "POST" ? JSON_BODY : undefined;
    const response = await fetch(`${server.url}${path}`, {
      ...{ method, headers, body },
    });
    const text = await response.text();
    assertEquals(response.status, 503, `${path}: ${text}`);
    assertMatch(text, /the server stops/);
    assertMatch(response.headers.get("retry-after") ?? "", /^\d+$/);
  }
  assertEquals((await scrape(server)).get("pointwire_ready"), 0);
  // What goes on goes on.
  const last = server.logs.findLast(isFrame)?.frame as number;
  await streaming(server, last + 2);

  assertEquals((await client.stop("SIGINT")).code, 0);
  assertEquals((await server.finished()).code, 0);
  const [closed] = server.logs.filter(({ message }) =>
    message === "session closed"
  );
  assertEquals(closed.reason, "the peer closed the connection");
}

async function drainInVain(): Promise<void> {
  await using server = await startServer([
    ...["--log-level", "debug", "--drain", "0.5"],
  ]);
  await using client = startStreaming(server);
  await streaming(server, 2);
  assertEquals((await server.stop("SIGTERM")).code, 0);
  assertEquals((await client.finished()).code, 1);
  assert(client.logs.some(isNotice));
  assertEquals(
    client.stderr.at(-1),
    "The server ended the session: the server stopped",
  );
}

async function hurry(): Promise<void> {
  await using server = await startServer([
    ...["--log-level", "debug", "--drain", "60"],
  ]);
  await using client = startStreaming(server);
  await streaming(server, 2);
  server.child.kill("SIGTERM");
  await client.waitForLog("the notice", isNotice);
  const told = performance.now();
  assertEquals((await server.stop("SIGINT")).code, 0);
  assertLess(performance.now() - told, 30_000);
  await client.finished();
  assertEquals(
    client.stderr.at(-1),
    "The server ended the session: the server stopped",
  );
}

function startStreaming(server: ServerProcess): Process {
  return startClient(server, [
    ...["--duration", "0", "--points", "100", "--rate", "20"],
    ...["--media", "none", "--no-reconnect", "--log-format", "json"],
  ]);
}

function isNotice({ message }: { message: string }): boolean {
  return message === "the server ends the session soon";
}

function isFrame({ message }: { message: string }): boolean {
  return message === "points frame";
}

async function streaming(server: Process, frame: number): Promise<void> {
  await server.waitForLog(
    `frame ${frame}`,
    (line) => isFrame(line) && Number(line.frame) >= frame,
  );
}

async function scrape({ url }: ServerProcess): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=/);
  return readSamples(await response.text());
}

/** An offer as far as it is looked at. */
function offerBody(): string {
  const sdp = [
    "v=0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuv",
    `a=fingerprint:sha-256 ${Array(32).fill("0F").join(":")}`,
  ].join("\r\n");
  return JSON.stringify({ type: "offer", sdp });
}
