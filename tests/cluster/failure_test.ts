/** Nodes and NATS that go away, as real processes. */
import { assert, assertEquals, assertLess } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { ServerProcess } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { testSideBySide, until } from "../support.ts";
import { Cable } from "./cable.ts";
import { Nats } from "./nats.ts";
import {
  publishAt,
  startNode,
  whenGone,
  whenListed,
  whenMet,
} from "./nodes.ts";

const POINTS = ["--media", "none"];

/** Of a node that others don't reach: nobody listens on the discard port. */
const UNREACHABLE = ["--node-url", "http://127.0.0.1:9"];

/** Follows a name at a node; what it gives goes on, session after session. */
function followAt(node: ServerProcess, name: string) {
  const numbers: number[] = [];
  const sessions: string[] = [];
  const stop = new AbortController();
  const done = (async () => {
    const { follow } = await import("../../lib/playing/follow.ts");
    const options = { server: node.url, session: name, signal: stop.signal };
    for await (const session of follow(options)) {
      sessions.push(session.id);
      for await (const { frame } of session) numbers.push(frame.number);
    }
  })();
  return {
    numbers,
    sessions,
    /** Waits for so many frames more. */
    async more(frames: number): Promise<void> {
      const due = numbers.length + frames;
      const what = `${frames} frames of ${name}`;
      await until(() => numbers.length >= due, { what });
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done.catch(() => {});
    },
  };
}

testSideBySide(["nats-server"], "in a cluster", {
  "while NATS is away all goes on between nodes that reach each other":
    loseNats,
  "while NATS is away what is local goes on, and the rest comes back":
    loseNatsAlone,
  "a node that is cut off goes on by itself, and is back with all": cutOff,
  "a node that is killed is gone, and its publishers go on elsewhere": killNode,
  "a node that drains sends its publishers to others": drainNode,
});

async function loseNats(): Promise<void> {
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a");
  await using b = await startNode(nats, "b");
  await whenMet([a, b]);
  await using _client = publishAt(a, "robot", POINTS);
  const { id } = await whenListed(b, "robot");
  await using far = followAt(b, "robot");
  await far.more(5);
  await nats.kill();
  await far.more(50);
  await nats.startAgain();
  await whenMet([a, b]);
  await far.more(5);
  assertEquals(far.sessions, [id]);
  assertEquals(
    far.numbers,
    [...new Set(far.numbers)].toSorted((a, b) => a - b),
  );
}

/** Where all feeds come over it. */
async function loseNatsAlone(): Promise<void> {
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a", UNREACHABLE);
  await using b = await startNode(nats, "b", UNREACHABLE);
  await whenMet([a, b]);
  await using _client = publishAt(a, "robot", POINTS);
  const { id } = await whenListed(b, "robot");
  await using near = followAt(a, "robot");
  await using far = followAt(b, "robot");
  await Promise.all([near.more(5), far.more(5)]);
  await nats.kill();
  const before = far.numbers.length;
  await near.more(20);
  assertLess(far.numbers.length - before, 20);
  // A session more, whose name nobody can be asked for.
  await using _second = publishAt(b, "lonely", POINTS);
  await whenListed(b, "lonely");
  await nats.startAgain();
  await far.more(5);
  await whenListed(a, "lonely");
  // Nothing ended: it is the same watchers, of the same session.
  assertEquals([near.sessions, far.sessions], [[id], [id]]);
  assertEquals(new Set(far.numbers).size, far.numbers.length);
}

async function cutOff(): Promise<void> {
  await using nats = await Nats.start(freePort());
  await using cable = new Cable(Number(new URL(nats.url).port));
  await using a = await startNode(nats, "a");
  const behind = { url: `nats://127.0.0.1:${cable.port}` };
  await using b = await startNode(behind, "b");
  await whenMet([a, b]);
  await using _client = publishAt(b, "robot", POINTS);
  const { id } = await whenListed(a, "robot");
  await using near = followAt(b, "robot");
  await using far = followAt(a, "robot");
  await Promise.all([near.more(5), far.more(5)]);
  cable.cut();
  await whenGone(a, "robot");
  await near.more(20);
  cable.mend();
  await whenListed(a, "robot");
  await far.more(5);
  // Who watched there was told of an end, and found it again.
  assertEquals([near.sessions, far.sessions], [[id], [id, id]]);
}

async function killNode(): Promise<void> {
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a");
  await using b = await startNode(nats, "b");
  await using c = await startNode(nats, "c");
  await whenMet([a, b, c]);
  await using client = publishAt(a, "robot", POINTS);
  const { id } = await whenListed(b, "robot");
  await using far = followAt(b, "robot");
  await far.more(5);
  await a.stop("SIGKILL");
  // It is taken in with its name, before its old node is given up.
  const after = await whenListed(c, "robot", (session) => session.id !== id);
  assertEquals(after.resumes, id);
  await whenMet([b, c]);
  await until(() => far.sessions.length >= 2, { what: "its next session" });
  await far.more(5);
  assertEquals(far.sessions, [id, after.id]);
  await client.stop("SIGINT");
  await Promise.all([whenGone(b, "robot"), whenGone(c, "robot")]);
}

async function drainNode(): Promise<void> {
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a", ["--drain", "60"]);
  await using b = await startNode(nats, "b");
  await whenMet([a, b]);
  await using client = publishAt(a, "robot", POINTS);
  const { id } = await whenListed(b, "robot");
  await using far = followAt(b, "robot");
  await far.more(5);
  const started = performance.now();
  // It has none left, and needn't wait for a minute.
  const { success } = await a.stop("SIGTERM");
  assert(success);
  assertLess(performance.now() - started, 50_000);
  const after = await whenListed(b, "robot", (session) => session.id !== id);
  await far.more(5);
  assertEquals([far.sessions.at(-1), after.resumes], [after.id, id]);
  await client.stop("SIGINT");
  const report: PublishReport = JSON.parse(await client.stdout);
  assertEquals(report.outages.length, 1);
}
