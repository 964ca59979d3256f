import { assertEquals, assertRejects } from "@std/assert";
import { carryByPort } from "../../lib/hosting/feed_carrier.ts";
import { FeedMirror } from "../../lib/hosting/feed_link.ts";
import { HostError } from "../../lib/hosting/host_error.ts";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { WorkerHost } from "../../lib/hosting/worker_host.ts";
import type { WorkerHostOptions } from "../../lib/hosting/worker_pool.ts";
import { createLogger } from "../../lib/log.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import { peerTest } from "../transport/pair.ts";
import { until } from "../support.ts";
import { CAPTURE_TIME, KEYFRAME, publish, REMOTE, watch } from "./callers.ts";
import { DEADLY_ADDRESS } from "./deadly_address.ts";

peerTest("The feed of a session is handed to another isolate", async () => {
  await using host = makeHost(1);
  const connected = told(host, "onConnected");
  await using publisher = await publish(host);
  const { id } = publisher.answered;
  await connected;
  const { port1, port2 } = new MessageChannel();
  await host.exportFeed(id, port1);
  const mirror = new FeedMirror(id, carryByPort(port2));
  await mirror.ready;
  assertEquals(mirror.feed.tracks.map(({ kind }) => kind), ["video"]);
  const frames: EncodedFrame[] = [];
  const sink = {
    watchers: 0,
    onFrame: (frame: EncodedFrame) => void frames.push(frame),
    onPacket: () => {},
    onClock: () => {},
  };
  mirror.feed.join(sink);
  const bytes = publisher.sendFrame(7, 1500);
  await until(() => frames.length === 1, { what: "a frame" });
  assertEquals([frames[0].number, frames[0].stream], [7, "points"]);
  assertEquals(new Uint8Array(frames[0].bytes), new Uint8Array(bytes));
  // It is no watcher.
  assertEquals((await host.session(id)).watchers, 0);
  await host.endSession(id, "it is over", "ended");
  assertEquals(await mirror.closed, "it is over");
  await assertRejects(
    () => host.exportFeed(id, new MessageChannel().port1),
    HostError,
    id,
  );
});

function makeHost(
  workers: number,
  options: Partial<WorkerHostOptions> = {},
): WorkerHost {
  return new WorkerHost({
    workers,
    settings: { log: { level: "error", format: "text" } },
    log: createLogger({ write: () => {} }),
    ...options,
  });
}

/** Waits for an event of the host. */
function told(host: SessionHost, what: "onConnected" | "onClosed") {
  return new Promise<string>((resolve) =>
    host.subscribe({ [what]: ({ id }: { id: string }) => resolve(id) })
  );
}

peerTest(
  "Sessions live in Workers, and are watched from other ones",
  async () => {
    await using host = makeHost(2);
    const connected = told(host, "onConnected");
    await using publisher = await publish(host);
    const { id } = publisher.answered;
    assertEquals(await connected, id);
    assertEquals((await host.session(id)).state, "connected");
    assertEquals((await host.sessions()).map((session) => session.id), [id]);
    assertEquals(host.health, { alive: 2, deaths: 0 });

    // One after the other they would all be placed where the session is.
    const watchers = await Promise.all([1, 2, 3, 4].map(() => watch(host, id)));
    await using cleanup = new AsyncDisposableStack();
    for (const watcher of watchers) cleanup.use(watcher);
    const counted = async () => (await host.session(id)).watchers;
    await eventually(async () => await counted() === 4);

    const place = { type: "stream", frameId: "lidar" };
    publisher.channel.send(JSON.stringify(place));
    const sent = [0, 1, 2].map((frame) => publisher.sendFrame(frame, 1500));
    for (const sequenceNumber of [1, 2, 3]) {
      publisher.sendPacket(
        sequenceNumber,
      );
    }
    for (const watcher of watchers) {
      await watcher.until(() => watcher.frames.length === 3);
      const got = watcher.frames.map((frame) => [
        frame.number,
        frame.captureTime,
        Uint8Array.from(frame.bytes),
      ]);
      assertEquals(got, sent.map((bytes, i) => [i, CAPTURE_TIME, bytes]));
      assertEquals(watcher.places.at(-1), { ...place, name: "points" });
      await watcher.until(() => watcher.packets.length === 3);
      const [{ sequenceNumber: first }] = watcher.packets;
      const packets = watcher.packets.map(({ sequenceNumber, payload }) => [
        (sequenceNumber - first) & 0xffff,
        [...payload],
      ]);
      assertEquals(packets, [0, 1, 2].map((number) => [number, KEYFRAME]));
    }

    // What they were sent is known where the session lives.
    await eventually(async () =>
      (await host.session(id)).forwarded.framesSent === 12
    );

    // Each can be ended, wherever it lives; the others go on.
    for (const [left, watcher] of watchers.entries()) {
      await host.endWatcher(id, watcher.answered.id, "enough");
      await watcher.until(() => watcher.texts.at(-1)?.type === "bye");
      await eventually(async () => await counted() === 3 - left);
    }
    const nobody = host.endWatcher(id, "nobody", "enough");
    assertEquals(
      (await assertRejects(() => nobody, HostError)).code,
      "no-watcher",
    );
  },
);

peerTest(
  "A watcher in another Worker hears how the session ends",
  async () => {
    await using host = makeHost(2);
    const connected = told(host, "onConnected");
    await using publisher = await publish(host);
    const { id } = publisher.answered;
    await connected;
    publisher.sendFrame(7, 10);
    const watchers = await Promise.all([1, 2, 3].map(() => watch(host, id)));
    await using cleanup = new AsyncDisposableStack();
    for (const watcher of watchers) cleanup.use(watcher);
    for (const watcher of watchers) {
      await watcher.until(() => watcher.frames.length === 1);
    }
    const closed = told(host, "onClosed");
    await host.endSession(id, "the session was deleted", "deleted");
    assertEquals(await closed, id);
    for (const watcher of watchers) {
      await watcher.until(() => watcher.texts.at(-1)?.type === "bye");
      const { reason, code } = watcher.texts.at(-1)!;
      assertEquals([reason, code], ["the session was deleted", "deleted"]);
    }
    const gone = await assertRejects(() => host.session(id), HostError);
    assertEquals(gone.code, "no-session");
  },
);

peerTest(
  "A session goes on in the Worker of the one that it resumes",
  async () => {
    await using host = makeHost(2);
    await using first = await publish(host);
    first.sendFrame(4, 10);
    await eventually(async () =>
      (await host.session(first.answered.id)).points.lastFrame === 4
    );
    const closed = told(host, "onClosed");
    await using second = await publish(host, first.answered.id);
    assertEquals(await closed, first.answered.id);
    second.sendFrame(7, 10);
    const { id } = second.answered;
    await eventually(async () =>
      (await host.session(id)).points.lastFrame === 7
    );
    const { resumes, points } = await host.session(id);
    assertEquals([resumes, points.skipped], [first.answered.id, 2]);

    await host.endSession(id, "the session was deleted", "deleted");
    const offer = "v=0";
    const again = host.publish({ offer, remote: REMOTE, resumes: id });
    assertEquals((await assertRejects(() => again, HostError)).code, "deleted");
  },
);

peerTest(
  "A Worker that dies takes only its own sessions, and is replaced",
  async () => {
    const entry = new URL("./mortal_worker.ts", import.meta.url);
    await using host = makeHost(2, { entry, lookMs: 300 });
    await using doomed = await publish(host);
    await using other = await publish(host);
    assertEquals(host.health, { alive: 2, deaths: 0 });
    const closed = told(host, "onClosed");
    // It goes where the session is that it names.
    const resumes = doomed.answered.id;
    const deadly = host.publish({ offer: "", remote: DEADLY_ADDRESS, resumes });
    const refusal = await assertRejects(() => deadly, HostError);
    assertEquals(refusal.code, "no-worker");
    assertEquals(await closed, resumes);

    other.sendFrame(1, 10);
    const { id } = other.answered;
    await eventually(async () =>
      (await host.session(id)).points.lastFrame === 1
    );
    assertEquals((await host.sessions()).map((session) => session.id), [id]);
    await eventually(() => Promise.resolve(host.health.alive === 2));
    assertEquals(host.health, { alive: 2, deaths: 1 });
    await using next = await publish(host);
    next.sendFrame(1, 10);
    const { id: nextId } = next.answered;
    await eventually(async () =>
      (await host.session(nextId)).points.lastFrame === 1
    );
  },
);

peerTest(
  "A host that is closed tells its peers, and takes no more",
  async () => {
    const host = makeHost(1);
    await using publisher = await publish(host);
    const texts: Record<string, unknown>[] = [];
    const bye = new Promise<void>((resolve) =>
      publisher.channel.onMessage.subscribe((text) => {
        texts.push(JSON.parse(String(text)));
        if (texts.at(-1)!.type === "bye") resolve();
      })
    );
    await host.close("the server stopped");
    await bye;
    assertEquals(texts.at(-1)!.code, "stopped");
    const late = host.publish({ offer: "", remote: REMOTE });
    const { code, message } = await assertRejects(() => late, HostError);
    assertEquals([code, message], [
      "closed",
      "No new sessions: the server stopped",
    ]);
  },
);

/** Waits for what can only be asked for. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  await until(condition, { what: "that state of the host", within: 60_000 });
}
