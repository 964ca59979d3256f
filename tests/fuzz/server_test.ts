/** The real programs, while somebody sends datagrams to every port they have. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { udpPortsOf, usageOf } from "../../tools/proc.ts";
import {
  getJson,
  type Process,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { makePeer, offerOf } from "../transport/pair.ts";
import { recordDatagrams } from "./datagrams.ts";
import { keep } from "./fuzz.ts";
import { anyMutant, mutate } from "./mutations.ts";
import { fuzzSettings, fuzzTest, inputsOf } from "./settings.ts";
import { JSON_BODY } from "../support.ts";

/** Datagrams that fit a kernel's receive buffer beside a session's own. */
const BURST = 20;
/** Offers that never connect, one after the other. */
const OFFERS = 10;
/** What garbage that isn't collected yet may add, MiB. */
const MAX_GROWTH = 96;

fuzzTest(
  ["ffmpeg", "linux"],
  "datagrams from a stranger, to a server and its client",
  async () => {
    const { seed, replay, isTold } = fuzzSettings();
    if (replay !== undefined) return;
    const corpus = await recordDatagrams();
    const mutants = fc.sample(anyMutant, {
      seed,
      numRuns: inputsOf("datagrams"),
    });
    await using server = await startServer();
    const args = ["--points", "2000", "--duration", "0", "--verify", "--json"];
    await using client = startClient(server, args);
    const { session: id } = await server.waitForLog(
      "the video",
      (line) => line.message === "track started" && line.kind === "video",
    );
    const stranger = Deno.listenDatagram({
      ...{ transport: "udp", hostname: "127.0.0.1", port: 0 },
    });
    using cleanup = new DisposableStack();
    cleanup.defer(() => stranger.close());
    let hasEnded = false;
    void client.finished().then(() => hasEnded = true);
    const before = await usageOf(server.child.pid);
    const busy = await portsOf(server, client);
    let idle = busy;
    let sent: Uint8Array[] = [];
    const each = Math.ceil(mutants.length / OFFERS);
    for (const [i, mutant] of mutants.entries()) {
      if (i % each === 0) {
        await offerAndLeave(server.url);
        idle = await portsOf(server);
        sent = [];
      }
      const datagram = mutate(corpus, mutant).subarray(0, 1400);
      sent.push(datagram);
      const targets = i % 2 === 0 ? busy : idle;
      const port = targets[(i >> 1) % targets.length];
      const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
      await stranger.send(datagram, to).catch(() => {
        // Nobody is there any more.
      });
      // The server has read them by the time that it answers.
      if (i % BURST !== 0) continue;
      await getJson(`${server.url}/healthz`);
      const isHarmed = hasEnded ||
        server.logs.some(({ level, message, session }) =>
          level === "error" || message === "session closed" && session === id
        );
      if (isHarmed) {
        const file = await keep("datagrams", seed, sent);
        const said = [...server.stderr.slice(-3), ...client.stderr.slice(-3)];
        throw new Error(
          `fuzz: datagrams, seed ${seed}: see ${file}\n${said.join("\n")}`,
        );
      }
    }
    const after = await usageOf(server.child.pid);
    const grown = after.memory - before.memory;
    assert(grown < MAX_GROWTH, `memory grew by ${grown} MiB`);
    const session = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${id}`,
    );
    assertEquals(session.state, "connected");
    assertEquals(session.points.invalid, 0);

    await client.stop("SIGINT");
    const report: PublishReport = JSON.parse(await client.stdout);
    assertEquals(report.outages, []);
    assertEquals(report.framesDropped, 0);
    assertEquals(report.verified?.mismatched, 0);
    const { points } = await server.waitForLog(
      "the end of the session",
      (line) => line.message === "session closed" && line.session === id,
    ) as unknown as SessionSnapshot;
    assertEquals(points.frames, report.framesSent);
    const grave = server.logs.filter(({ level }) => level === "error");
    assertEquals(grave, []);
    if (isTold) {
      console.log(
        `datagrams: ${mutants.length} inputs, seed ${seed}; the session beside ` +
          `them lost none of ${points.frames} frames; memory grew by ` +
          `${grown.toFixed(0)} MiB`,
      );
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);

async function portsOf(...processes: Process[]): Promise<number[]> {
  const ports = processes.map(({ child }) => udpPortsOf(child.pid));
  return (await Promise.all(ports)).flat();
}

/** Makes the server open a session that nobody connects to. */
async function offerAndLeave(url: string): Promise<void> {
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const response = await fetch(`${url}/offer`, {
    method: "POST",
    headers: JSON_BODY,
    body: JSON.stringify({ type: "offer", sdp: await offerOf(made.peer) }),
  });
  assert(response.ok, await response.text());
}
