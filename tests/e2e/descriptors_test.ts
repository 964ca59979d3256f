import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import {
  limitDescriptors,
  lowestFreeDescriptor,
  usageOf,
} from "../../tools/proc.ts";
import {
  type LogLine,
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { readSamples } from "../observability/support.ts";
import { temporaryFolder, testSideBySide, until } from "../support.ts";
import { makePeer, offerOf } from "../transport/pair.ts";

const LOCAL = ["--host", "127.0.0.1"];
const ONE_WORKER = [...LOCAL, "--workers", "1"];
/** Nothing of theirs comes up while a test takes descriptors away. */
const NO_WORKER = [...LOCAL, "--workers", "0"];
/** Free file descriptors that a server is left with. */
const FEW = 20;
/** More than any of these servers takes. */
const ENOUGH = 1000;
/** A request whose head never ends. */
const HALF = "GET / HTTP/1.1\r\n";
/** A request whose answer never ends. */
const ENDLESS = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

testSideBySide(["prlimit"], "a server without file descriptors", {
  "listens again, and its session loses nothing": listenAgain,
  "says that it isn't ready until there are some": tellReadiness,
  "listens again with TLS, and takes another certificate": listenWithTls,
  "refuses offers, and keeps nothing of them": refuseOffers,
  "ends where it can't listen for long": giveUp,
  "says at its start for how many sessions it has some": warnAtStart,
});

async function listenAgain(): Promise<void> {
  await using server = await startServer(ONE_WORKER);
  await using client = startClient(server, [
    ...["--points", "2000", "--rate", "20", "--duration", "8", "--json"],
    ...["--media", "none"],
  ]);
  await server.waitForLog("the session", isMessage("session connected"));
  await leave(server, FEW);
  {
    using _held = await holdUntilEnded(server, HALF);
    const { why } = await server.waitForLog("the end", isEnd);
    assertMatch(String(why), /^too many files are open; raise the limit/);
  }
  await server.waitForLog("its return", isReturn);
  assertEquals(await readiness(server), [200, undefined]);
  const metrics = await fetch(`${server.url}/metrics`);
  const restarts = "pointwire_http_listener_restarts_total";
  assertGreater(readSamples(await metrics.text()).get(restarts), 0);
  const { code } = await client.finished();
  assertEquals(code, 0, client.stderr.join("\n"));
  const report: PublishReport = JSON.parse(await client.stdout);
  assertGreater(report.framesSent, 0);
  const { framesAcked, framesDropped, outages } = report;
  assertEquals(framesAcked, report.framesSent);
  assertEquals([framesDropped, outages], [0, []]);
  await assertTakesSession(server);
  assertCalm(server);
}

async function tellReadiness(): Promise<void> {
  await using server = await startServer(NO_WORKER);
  await leave(server, FEW);
  {
    using held = await holdUntilEnded(server, ENDLESS);
    // Room for whoever asks.
    for (const connection of held.connections.splice(0, 4)) connection.close();
    const [, detail] = await until(
      async () => {
        const answer = await readiness(server).catch(() => undefined);
        return answer?.[0] === 503 && answer;
      },
      { what: "an answer that it is not ready" },
    );
    assertEquals(detail, "No new sessions: too many files are open");
  }
  await until(
    async () => (await readiness(server).catch(() => []))[0] === 200,
    { what: "its being ready" },
  );
  await assertTakesSession(server);
  assertCalm(server);
}

async function listenWithTls(): Promise<void> {
  await using folder = await temporaryFolder();
  const [cert, key] = ["cert.pem", "key.pem"].map((n) => `${folder.path}/${n}`);
  const write = async (identity: { cert: string; key: string }) => {
    await Deno.writeTextFile(cert, identity.cert);
    await Deno.writeTextFile(key, identity.key);
  };
  const [before, after] = [await makeIdentity(), await makeIdentity()];
  await write(before);
  const files = ["--cert", cert, "--key", key];
  await using server = await startServer([...NO_WORKER, ...files]);
  await leave(server, FEW);
  {
    using _held = await holdUntilEnded(server, "");
    await server.waitForLog("the end", isEnd);
  }
  await server.waitForLog("its return", isReturn);
  assertEquals(await readiness(server, before.ca), [200, undefined]);
  await write(after);
  const again = isMessage("certificate read again");
  await server.waitForLog("the new certificate", again);
  await until(
    async () => (await readiness(server, after.ca).catch(() => []))[0] === 200,
    { what: "the new certificate" },
  );
  assertCalm(server);
}

async function refuseOffers(): Promise<void> {
  await using server = await startServer(NO_WORKER);
  const { pid } = server.child;
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const sdp = await offerOf(made.peer);
  // One connection for all: there is no descriptor for another.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 1 });
  const post = (path: string, type: string, body: string) =>
    fetch(`${server.url}/${path}`, {
      client,
      method: "POST",
      headers: { "content-type": type },
      body,
    });
  const offer = () =>
    post("offer", "application/json", JSON.stringify({ sdp, type: "offer" }));
  const ready = await fetch(`${server.url}/readyz`, { client });
  assertEquals(await ready.json(), { status: "ready" });
  let files = 0;
  const refused = await until(async () => {
    // What was opened for a moment may be closed after the look.
    await leave(server, 0);
    ({ files } = await usageOf(pid));
    const response = await offer();
    if (response.status !== 200) return response;
    await response.body?.cancel();
  }, { what: "a refusal" });
  const whip = await post("whip", "application/sdp", sdp);
  for (const response of [refused, whip]) {
    const { detail } = await response.json();
    assertEquals(
      [response.status, detail, response.headers.has("retry-after")],
      [503, "No new sessions: the server has too many files open", true],
    );
  }
  await until(async () => (await usageOf(pid)).files <= files, {
    what: "the end of what was made for the offers",
  });
  await limitDescriptors(pid, ENOUGH);
  await assertTakesSession(server);
}

async function giveUp(): Promise<void> {
  await using server = await startServer(ONE_WORKER);
  await using client = startClient(server, [
    ...["--points", "500", "--duration", "0", "--media", "none"],
    ...["--reconnect-for", "0", "--log-format", "json"],
  ]);
  await server.waitForLog("the session", isMessage("session connected"));
  // Below all that it has: what is closed can't be had again either.
  await limitDescriptors(server.child.pid, 3);
  {
    using _held = await holdUntilEnded(server, HALF);
  }
  const { code } = await server.finished();
  assertEquals(code, 1);
  const last = server.stderr.at(-1);
  const { port } = new URL(server.url);
  assertMatch(
    String(last),
    new RegExp(
      `^Can't listen again on 127.0.0.1 port ${port} for 30 s: too many files`,
    ),
  );
  const closed = server.logs.filter(isMessage("session closed"));
  assertEquals(
    closed.map(({ reason }) => reason),
    ["the server can't listen any more"],
  );
  await client.finished();
}

async function warnAtStart(): Promise<void> {
  const run = ["run", "-P=server", "server.ts", "--port", "0", ...NO_WORKER];
  const start = (...options: string[]) =>
    new Process("sh", [
      ...["-c", 'ulimit -n 256; exec "$@"', "sh", Deno.execPath(), ...run],
      ...["--log-format", "json", ...options],
    ]);
  const message = "too few files may be open for --max-sessions";
  await using short = start();
  const { sessions, maxSessions, better } = await short.waitForLog(
    "the warning",
    isMessage(message),
  );
  assertGreater(sessions, 0);
  assertLess(sessions, maxSessions);
  assertEquals(maxSessions, 250);
  assertMatch(String(better), /^raise the limit/);
  await using enough = start("--max-sessions", `${sessions}`);
  await enough.waitForLog("its start", isMessage("listening"));
  assertEquals(enough.logs.filter(isMessage(message)), []);
}

/** Leaves a process so many file descriptors more than it has now. */
async function leave({ child: { pid } }: ServerProcess, free: number) {
  await limitDescriptors(pid, await lowestFreeDescriptor(pid) + free);
}

/** Holds as many connections as end the server's listener. */
async function holdUntilEnded(
  server: ServerProcess,
  request: string,
): Promise<Disposable & { connections: Deno.TcpConn[] }> {
  const { port } = new URL(server.url);
  const connections: Deno.TcpConn[] = [];
  const bytes = new TextEncoder().encode(request);
  await until(async () => {
    if (server.logs.some(isEnd)) return true;
    const connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    }).catch(() => undefined);
    if (connection === undefined) return false;
    connections.push(connection);
    await connection.write(bytes).catch(() => {});
    return false;
  }, { what: "the end of the listener" });
  return {
    connections,
    [Symbol.dispose]() {
      for (const connection of connections) connection.close();
    },
  };
}

/** What `/readyz` answers to somebody new: status, and what is wrong. */
async function readiness(
  { url }: ServerProcess,
  ca?: string,
): Promise<[number, string | undefined]> {
  using client = Deno.createHttpClient({
    caCerts: ca === undefined ? [] : [ca],
    poolMaxIdlePerHost: 0,
  });
  const response = await fetch(`${url}/readyz`, { client });
  const { detail } = await response.json();
  return [response.status, detail];
}

async function assertTakesSession(server: ServerProcess): Promise<void> {
  await using client = startClient(server, [
    ...["--points", "500", "--duration", "0.5", "--media", "none"],
  ]);
  const { code } = await client.finished();
  assertEquals(code, 0, client.stderr.join("\n"));
}

/** Nobody caught nothing, and a shortage is said once. */
function assertCalm({ logs }: ServerProcess): void {
  assertEquals(logs.filter(({ level }) => level === "error"), []);
  assertEquals(logs.filter(isEnd).length, 1);
}

const isEnd = isMessage("the HTTP listener ended");
const isReturn = isMessage("the HTTP listener is back");

function isMessage(text: string): (line: LogLine) => boolean {
  return ({ message }) => message === text;
}
