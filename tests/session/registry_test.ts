import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { POINTS_PROTOCOL, splitFrame } from "../../lib/wire/frame.ts";
import type {
  SessionRegistry,
  SessionRegistryOptions,
} from "../../lib/session/registry.ts";
import type { Session } from "../../lib/session/session.ts";
import { ROOT, testWith } from "../support.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../transport/pair.ts";

interface TestRegistry extends AsyncDisposable {
  registry: SessionRegistry;
  /** Ids of the sessions that are over. */
  closed: string[];
  lines: Record<string, unknown>[];
}

async function makeRegistry(
  options: Partial<SessionRegistryOptions> = {},
): Promise<TestRegistry> {
  const { SessionRegistry } = await import("../../lib/session/registry.ts");
  const closed: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const registry = new SessionRegistry({
    log: createLogger({
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    }),
    ...options,
  });
  registry.subscribe({ onClosed: ({ id }) => closed.push(id) });
  return {
    registry,
    closed,
    lines,
    [Symbol.asyncDispose]: () => registry.close("test over"),
  };
}

/** One message that is a whole frame of `pointwire.v1`. */
function framed(number: number): Buffer {
  const info = { number, codec: "f32" as const, points: 1, captureTime: 1 };
  const cloud = encodeF32(new Float32Array(3));
  const [message] = splitFrame(cloud, info, 65_536);
  return Buffer.from(message.buffer);
}

/** Makes a peer with a channel of the original's, and its session. */
async function call(registry: SessionRegistry, resumes?: string) {
  const made = await makePeer();
  const channel = made.peer.createDataChannel("data");
  const offer = await offerOf(made.peer);
  const session = await registry.create({ offer, loopback: true, resumes });
  return { ...made, channel, session };
}

/** The same, connected. */
async function connect(registry: SessionRegistry, resumes?: string) {
  const made = await call(registry, resumes);
  await connectTo(made.peer, made.session.answerSdp);
  await whenState(made.channel, "open");
  return made;
}

function ids(registry: SessionRegistry): string[] {
  return registry.list().map(({ id }: Session) => id);
}

peerTest("A registry lists its sessions, oldest first", async () => {
  await using test = await makeRegistry();
  const { registry } = test;
  assertEquals(registry.list(), []);
  await using first = await call(registry);
  await using second = await call(registry);
  assertEquals(ids(registry), [first.session.id, second.session.id]);
  for (const { session } of [first, second]) {
    assertEquals(registry.get(session.id), session);
    assertEquals(session.state, "connecting");
    // 128 bits, in what a URL carries as it is.
    assertMatch(session.id, /^[\w-]{22}$/);
  }
  assertEquals(registry.get("nobody"), undefined);
});

peerTest("A session that is closed is gone, and told of once", async () => {
  await using test = await makeRegistry();
  const { registry, closed, lines } = test;
  await using first = await connect(registry);
  await using second = await connect(registry);
  const { id } = first.session;
  await Promise.all([
    first.session.close("the session was deleted"),
    first.session.close("twice"),
  ]);
  assertEquals(ids(registry), [second.session.id]);
  assertEquals(registry.get(id), undefined);
  assertEquals(closed, [id]);
  const [line] = lines.filter(({ message }) => message === "session closed");
  assertEquals([line.session, line.state], [id, "closed"]);
  assertEquals(line.reason, "the session was deleted");
});

peerTest("A registry is empty when its peers have gone", async () => {
  await using test = await makeRegistry({ session: { silenceMs: 200 } });
  const { registry, closed } = test;
  await using polite = await connect(registry);
  await using vanishing = await connect(registry);
  const all = [polite, vanishing].map(({ session }) => session.closed);
  await polite.peer.close();
  for (const { connection } of vanishing.peer.iceTransports) {
    await connection.close();
  }
  await Promise.all(all);
  assertEquals(registry.list(), []);
  assertEquals(closed.length, 2);
});

peerTest("A registry frees sessions that never connect", async () => {
  await using test = await makeRegistry({ session: { connectTimeoutMs: 20 } });
  await using made = await call(test.registry);
  assertMatch(await made.session.closed, /^No connection within 0.02 s/);
  assertEquals(test.registry.list(), []);
});

peerTest("An offer that can't be answered leaves no session", async () => {
  await using test = await makeRegistry();
  await using made = await call(test.registry);
  const offer = made.peer.localDescription!.sdp;
  const broken = offer.replace("m=application", "m=nonsense");
  await assertRejects(() =>
    test.registry.create({ offer: broken, loopback: true })
  );
  assertEquals(ids(test.registry), [made.session.id]);
  assertEquals(test.closed, []);
});

peerTest("A broken session disturbs no other", async () => {
  const clouds = new Map<string, number[]>();
  const arrived = new Map<string, PromiseWithResolvers<void>>();
  const arrival = (id: string) => {
    if (!arrived.has(id)) arrived.set(id, Promise.withResolvers());
    return arrived.get(id)!;
  };
  await using test = await makeRegistry({
    events: (id) => ({
      onFrame({ number }) {
        const frames = clouds.get(id) ?? [];
        clouds.set(id, frames);
        frames.push(number);
        if (frames.length === 3) arrival(id).resolve();
      },
    }),
  });
  const { registry } = test;
  const message = (frame: number) =>
    Buffer.from(encodeF32(new Float32Array(3000).fill(frame, 0, 3)));
  await using good = await connect(registry);
  await using bad = await connect(registry);
  await using gone = await connect(registry);

  good.channel.send(message(0));
  bad.channel.send(Buffer.alloc(13));
  bad.channel.send("text");
  const { sctp } = bad.peer.sctpTransport!;
  await sctp.send(bad.channel.id!, 999, Buffer.from("nonsense"));
  await bad.peer.dtlsTransports[0].sendData(Buffer.from("no packet"));
  good.channel.send(message(1));
  await gone.peer.close();
  await gone.session.closed;
  good.channel.send(message(2));

  await arrival(good.session.id).promise;
  assertEquals([...clouds], [[good.session.id, [0, 1, 2]]]);
  assertEquals(good.session.snapshot().points.invalid, 0);
  assertEquals(ids(registry), [good.session.id, bad.session.id]);
  for (const frame of [0, 1, 2]) bad.channel.send(message(frame));
  await arrival(bad.session.id).promise;
  assertEquals(bad.session.snapshot().points.invalid, 2);
});

peerTest("close() ends every session, in whatever state", async () => {
  await using test = await makeRegistry();
  const { registry, closed } = test;
  await using connecting = await call(registry);
  await using connected = await connect(registry);
  const sessions = [connecting.session, connected.session];
  await Promise.all([registry.close("over"), registry.close("twice")]);
  assertEquals(registry.list(), []);
  assertEquals(closed.toSorted(), sessions.map(({ id }) => id).toSorted());
  for (const session of sessions) assertEquals(await session.closed, "over");
  await whenState(connected.channel, "closed");
  await registry.close("again");
});

peerTest("A registry serves one session after the other", async () => {
  await using test = await makeRegistry();
  const seen = new Set<string>();
  for (let i = 0; i < 5; i++) {
    await using made = await connect(test.registry);
    seen.add(made.session.id);
    await made.peer.close();
    await made.session.closed;
    assertEquals(test.registry.list(), []);
  }
  assertEquals(seen.size, 5);
  assert(test.closed.every((id) => seen.has(id)));
});

/** What a program does that serves one peer, and then is done. */
const PROGRAM = `
  import { createLogger } from "./lib/log.ts";
  import { SessionRegistry } from "./lib/session/registry.ts";
  import { createPeer, whenConnected } from "./lib/transport/peer.ts";
  const log = createLogger({ write: () => {} });
  const registry = new SessionRegistry({ log });
  const peer = createPeer({ loopback: true });
  peer.createDataChannel("data");
  await peer.setLocalDescription(await peer.createOffer());
  const { sdp } = peer.localDescription;
  const session = await registry.create({ offer: sdp, loopback: true });
  await peer.setRemoteDescription({ type: "answer", sdp: session.answerSdp });
  await whenConnected(peer, { timeoutMs: 30_000 });
  await peer.close();
  await registry.close("over");
  console.log("closed");
`;

testWith(
  [],
  "A program ends by itself once peer and registry are closed",
  async () => {
    // A timer or a socket that is left would keep it.
    const program = new Deno.Command(Deno.execPath(), {
      args: ["eval", PROGRAM],
      cwd: ROOT,
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(60_000),
    });
    const { success, stdout, stderr } = await program.output();
    const [out, err] = [stdout, stderr].map((b) => new TextDecoder().decode(b));
    assertEquals([success, out.trim()], [true, "closed"], err);
  },
);

peerTest("A session takes the place of the one it resumes", async () => {
  await using test = await makeRegistry();
  const { registry, lines } = test;
  await using old = await connect(registry);
  await using other = await connect(registry);
  const { id } = old.session;
  await using waiting = await call(registry, id);
  assertEquals(waiting.session.snapshot().resumes, id);
  // Not before it is connected: the old one may be all that there is.
  assertEquals(old.session.state, "connected");
  await connectTo(waiting.peer, waiting.session.answerSdp);
  const reason = `replaced by session ${waiting.session.id}`;
  assertEquals(await old.session.closed, reason);
  assertEquals(old.session.endCode, "replaced");
  assertEquals(ids(registry), [other.session.id, waiting.session.id]);
  const line = lines.find(({ message }) => message === "session closed");
  assertEquals([line?.session, line?.reason], [id, reason]);
});

peerTest("Frames that got lost between two sessions count once", async () => {
  const counted = new Map<string, PromiseWithResolvers<void>>();
  await using test = await makeRegistry({
    session: { silenceMs: 200 },
    events: (id) => {
      counted.set(id, Promise.withResolvers());
      return { onCloud: () => counted.get(id)!.resolve() };
    },
  });
  const { registry } = test;
  /** Sends frames over a session that takes the place of another, and ends it. */
  const visit = async (frames: number[], resumes?: string) => {
    await using made = await makePeer();
    const protocol = POINTS_PROTOCOL;
    const channel = made.peer.createDataChannel("points", { protocol });
    const offer = await offerOf(made.peer);
    const session = await registry.create({ offer, loopback: true, resumes });
    await connectTo(made.peer, session.answerSdp);
    await whenState(channel, "open");
    for (const frame of frames) channel.send(framed(frame));
    await counted.get(session.id)!.promise;
    const { points } = session.snapshot();
    assertEquals(points.frames, frames.length);
    for (const { connection } of made.peer.iceTransports) {
      await connection.close();
    }
    await session.closed;
    return { id: session.id, skipped: points.skipped };
  };
  const first = await visit([0]);
  assertEquals(first.skipped, 0);
  // The one before is over, and still known.
  const second = await visit([5], first.id);
  assertEquals(second.skipped, 4);
  const third = await visit([6], second.id);
  assertEquals(third.skipped, 0);
  const stranger = await visit([9], "nobody knows this one");
  assertEquals(stranger.skipped, 0);
});

peerTest(
  "A session that names one that nobody knows resumes none",
  async () => {
    await using test = await makeRegistry();
    await using made = await call(test.registry, "nobody");
    assertEquals(made.session.snapshot().resumes, null);
  },
);

peerTest("A registry remembers which sessions were deleted", async () => {
  await using test = await makeRegistry();
  const { registry } = test;
  await using deleted = await call(registry);
  await using ended = await call(registry);
  assertEquals(registry.wasDeleted(deleted.session.id), false);
  await deleted.session.close("the session was deleted", "deleted");
  await ended.session.close("over");
  assertEquals(registry.wasDeleted(deleted.session.id), true);
  assertEquals(registry.wasDeleted(ended.session.id), false);
  assertEquals(registry.wasDeleted("nobody"), false);
});

peerTest("A registry that is closed makes no more sessions", async () => {
  await using test = await makeRegistry();
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  const offer = await offerOf(made.peer);
  const creating = test.registry.create({ offer, loopback: true });
  const refused = assertRejects(() => creating, Error, "closed");
  await test.registry.close("over");
  await refused;
  await assertRejects(
    () => test.registry.create({ offer, loopback: true }),
    Error,
    "closed",
  );
  assertEquals(test.registry.list(), []);
});
