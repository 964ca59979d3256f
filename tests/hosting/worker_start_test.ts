/** Workers that never come up, and what a server says of them. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { HostError } from "../../lib/hosting/host_error.ts";
import type { WorkerHostOptions } from "../../lib/hosting/worker_pool.ts";
import { createLogger } from "../../lib/log.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import { Process } from "../../tools/processes.ts";
import { JSON_BODY, until } from "../support.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";

const BROKEN = new URL("./broken_worker.ts", import.meta.url);
const FAILING = new URL("./failing_worker.ts", import.meta.url);
const SILENT = new URL("./silent_worker.ts", import.meta.url);

/** Time that a server is told to drain for, and the most that it then takes. */
const DRAIN_S = 3600;
const PROMPT_MS = 30_000;

interface ServerUnderTest extends AsyncDisposable {
  server: PointServer;
  lines: Record<string, unknown>[];
  /** The reasons that it logged, of Workers that did not come up. */
  failures(): string[];
}

/** Starts a server whose sessions live in Workers. */
async function startServer(
  options: Partial<WorkerHostOptions>,
): Promise<ServerUnderTest> {
  const { WorkerHost } = await import("../../lib/hosting/worker_host.ts");
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  const settings = { log: { level: "error", format: "json" } } as const;
  const host = new WorkerHost({ workers: 2, settings, log, ...options });
  const server = PointServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    log,
    host,
  });
  return {
    server,
    lines,
    failures: () =>
      lines.filter(({ message }) => message === "a worker did not come up")
        .map(({ why }) => String(why)),
    [Symbol.asyncDispose]: () => server.close("test over"),
  };
}

async function offer(server: PointServer): Promise<Response> {
  await using made = await makePeer();
  made.peer.createDataChannel("points");
  const sdp = await offerOf(made.peer);
  const body = JSON.stringify({ type: "offer", sdp });
  return await fetch(`${server.url}/offer`, {
    ...{ method: "POST", headers: JSON_BODY, body },
  });
}

/** Checks a 503 that says when to ask again. */
async function assertUnavailable(
  response: Response,
  detail: RegExp,
): Promise<void> {
  const problem = await response.json();
  assertEquals(response.status, 503);
  assertEquals(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  assert(Number(response.headers.get("retry-after")) > 0);
  assertMatch(problem.detail, detail);
}

/** Checks that a server ends at once when it is told to, as by SIGTERM. */
async function assertEnds(server: PointServer): Promise<void> {
  const start = performance.now();
  await server.drain("the server stops", DRAIN_S);
  await server.close("the server stopped");
  const took = performance.now() - start;
  assert(took < PROMPT_MS, `It took ${took} ms`);
}

/** What a server does none of whose Workers comes up. */
async function assertNoWorker(
  { server, lines, failures }: ServerUnderTest,
  why: string,
): Promise<void> {
  // The runtime checks a Worker's modules first, each in its turn.
  await until(() => failures().length >= 2, {
    within: 60_000,
    what: "two tries",
  });
  for (const failure of failures()) assertStringIncludes(failure, why);
  const refusal = /^No new sessions: no worker comes up$/;
  await assertUnavailable(await offer(server), refusal);
  await assertUnavailable(await fetch(`${server.url}/readyz`), refusal);
  assertEquals(await (await fetch(`${server.url}/sessions`)).json(), []);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assertMatch(metrics, /^pointwire_workers 0$/m);
  assertMatch(metrics, /^pointwire_ready 0$/m);
  await assertEnds(server);

  // Later and later: the log doesn't fill with it.
  const waits = lines.flatMap(({ waitMs }) => waitMs ?? []).map(Number);
  waits.forEach((wait, i) => assertEquals(wait, waits[0] * 2 ** i));
}

peerTest("A server says that its Workers fail to load", async () => {
  await using test = await startServer({ entry: BROKEN });
  await assertNoWorker(test, "This machine lacks something");
});

peerTest("A server says that its Workers fail to start", async () => {
  await using test = await startServer({ entry: FAILING });
  await assertNoWorker(test, "It lacks something at its start");
});

peerTest("A server says that its Workers don't answer", async () => {
  await using test = await startServer({ entry: SILENT, startMs: 20 });
  await assertNoWorker(test, "it was not up within 0.02 s");
});

peerTest("A server ends while a Worker is still to come up", async () => {
  await using test = await startServer({ entry: SILENT });
  const { server, failures } = test;
  assertEquals((await fetch(`${server.url}/readyz`)).status, 200);
  const waiting = assertRejects(
    () => server.host.publish({ offer: "", remote: "127.0.0.1" }),
    HostError,
  );
  await assertEnds(server);
  assertEquals((await waiting).code, "no-worker");
  assertEquals(failures(), []);
});

peerTest(
  "An offer that waits for a Worker is refused as it fails",
  async () => {
    await using test = await startServer({ entry: BROKEN });
    const response = await offer(test.server);
    await assertUnavailable(response, /Worker has ended|no worker comes up/);
    await assertEnds(test.server);
  },
);

peerTest(
  "A Worker is started when there are file descriptors for it",
  async () => {
    const run = [
      ...["run", "-A", "--unstable-net", "--quiet"],
      "tests/hosting/short_of_descriptors.ts",
    ];
    await using program = new Process("sh", [
      ...["-c", 'ulimit -n 128; exec "$@"', "sh", Deno.execPath(), ...run],
    ]);
    const { code } = await program.finished();
    assertEquals(code, 0, program.stderr.join("\n"));
    const { alive, logs: [first] } = JSON.parse(await program.stdout);
    assertEquals([alive, first.message], [0, "a worker did not come up"]);
    assertMatch(first.why, /^too many files are open; raise the limit/);
  },
);
