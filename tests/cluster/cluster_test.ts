/** Three nodes and NATS, as real processes: each works for all sessions. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ServerProcess } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { data, offer } from "../transport/sdp/offers.ts";
import { Nats } from "./nats.ts";
import {
  publishAt,
  startNode,
  whenGone,
  whenListed,
  whenMet,
} from "./nodes.ts";

const NEEDS = ["nats-server", "ffmpeg"] as const;
const OFFER = offer([], [data({ mid: "0" })]);
const LEAKY = { sanitizeOps: false, sanitizeResources: false };

testWith(
  [...NEEDS],
  "Each of three nodes works for the sessions of all",
  async (t) => {
    await using folder = await temporaryFolder();
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", [
      ...["--record", folder.path, "--record-match", "none"],
    ]);
    await using b = await startNode(nats, "b");
    await using c = await startNode(nats, "c");
    await whenMet([a, b, c]);
    await using _client = publishAt(a, "robot");
    const { id } = await whenListed(
      b,
      "robot",
      ({ points }) => points.frames > 0,
    );

    await t.step("it is read as a file elsewhere", async () => {
      const response = await fetch(`${b.url}/sessions/robot/points.ply`);
      assertEquals(response.status, 200);
      assertMatch(await response.text(), /^ply\n/);
    });
    await t.step("it is watched elsewhere", () => watchAt(b, a));
    await t.step("its name is taken everywhere", () => nameTaken(c));
    await t.step("a watcher is ended by any node", () => endWatcher(b, c));
    await t.step("it is recorded where it lives", async () => {
      const url = (node: ServerProcess) =>
        `${node.url}/sessions/robot/recording`;
      const status = async (node: ServerProcess, method: string) => {
        const response = await fetch(url(node), { method });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await status(c, "DELETE"), 404);
      assertEquals(await status(c, "POST"), 204);
      await until(async () => {
        const entries = await Array.fromAsync(Deno.readDir(folder.path));
        return entries.length > 0;
      }, { what: "the recording" });
      assertEquals(await status(c, "DELETE"), 204);
      assertEquals(await status(c, "DELETE"), 404);
    });
    await t.step("it is deleted by any node", async () => {
      const { watch } = await import("../../lib/playing/watch.ts");
      await using watched = await watch({ server: b.url, session: id });
      using closed = await closedAt(c);
      const response = await fetch(`${c.url}/sessions/robot`, {
        method: "DELETE",
      });
      assertEquals(response.status, 204);
      assertEquals(await watched.ended, {
        code: "deleted",
        reason: "the session was deleted",
      });
      await closed.event;
      await Promise.all([a, b, c].map((node) => whenGone(node, "robot")));
    });
    await t.step("no feed is left", async () => {
      const counts = async ({ url }: ServerProcess) => {
        const text = await (await fetch(`${url}/metrics`)).text();
        return text.match(/(?<=^pointwire_cluster_feeds\S+ )\d+$/gm);
      };
      await until(
        async () =>
          [...await counts(a) ?? [], ...await counts(b) ?? []]
            .join() === "0,0,0,0",
        { what: "the end of all feeds" },
      );
    });
  },
  LEAKY,
);

/** Points, sound and pictures come over. */
async function watchAt(
  node: ServerProcess,
  home: ServerProcess,
): Promise<void> {
  const { watch } = await import("../../lib/playing/watch.ts");
  const media = new Set<string>();
  const signal = AbortSignal.timeout(60_000);
  await using watched = await watch({
    server: node.url,
    session: "robot",
    signal,
    onMediaFrame: ({ kind }) => void media.add(kind),
  });
  const numbers: number[] = [];
  for await (const { cloud, frame } of watched) {
    // A machine that is busy sends less of them.
    assert(0 < cloud.points && cloud.points <= 30_000, `${cloud.points}`);
    numbers.push(frame.number);
    if (numbers.length >= 5 && media.size === 2) break;
  }
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  assertEquals(new Set(numbers).size, numbers.length);
  // The session's own node counts who watches elsewhere.
  await whenListed(home, "robot", ({ forwarded }) => forwarded.framesSent >= 5);
}

async function nameTaken(node: ServerProcess): Promise<void> {
  const response = await fetch(`${node.url}/whip/robot`, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: OFFER,
  });
  assertEquals(response.status, 409);
  assertMatch((await response.json()).detail, /^The name robot is in use/);
}

/** One that a balancer sends elsewhere than where it asked first. */
async function endWatcher(
  asked: ServerProcess,
  other: ServerProcess,
): Promise<void> {
  const answer = await fetch(`${asked.url}/whep/robot`, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: OFFER,
  });
  await answer.body?.cancel();
  assertEquals(answer.status, 201);
  const url = `${other.url}${answer.headers.get("location")}`;
  const hangUp = async () => {
    const response = await fetch(url, { method: "DELETE" });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals([await hangUp(), await hangUp()], [200, 404]);
}

/** Waits for the event that a session is over, from now on. */
async function closedAt(
  { url }: ServerProcess,
): Promise<Disposable & { event: Promise<void> }> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
  const { body } = await fetch(`${url}/events`, { signal });
  const event = (async () => {
    for await (const text of body!.pipeThrough(new TextDecoderStream())) {
      if (/^event: ?closed$/m.test(text)) return;
    }
  })();
  return { event, [Symbol.dispose]: () => stop.abort() };
}
