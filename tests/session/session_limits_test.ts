import { Buffer } from "node:buffer";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import type { SessionLimits } from "../../lib/limits/session_limits.ts";
import { createLogger } from "../../lib/log.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { POINTS_PROTOCOL, splitFrame } from "../../lib/wire/frame.ts";
import type { SessionOptions } from "../../lib/session/session.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../transport/pair.ts";

/** A frame of `pointwire.v1` in one message. */
function frameMessage(number: number, points: number): Buffer {
  const info = { number, codec: "f32" as const, points, captureTime: 1 };
  const values = new Float32Array(points * 3);
  const [message] = splitFrame(encodeF32(values), info, 200_000);
  return Buffer.from(message.buffer);
}

/** A session with limits, and the peer that made its offer, connected. */
async function connect(
  limits: Partial<SessionLimits>,
  options: { protocol?: string; session?: Partial<SessionOptions> } = {},
) {
  const { protocol = POINTS_PROTOCOL } = options;
  const { Session } = await import("../../lib/session/session.ts");
  await using cleanup = new AsyncDisposableStack();
  const { peer } = cleanup.use(await makePeer());
  const channel = peer.createDataChannel("points", { protocol });
  const lines: { level: string; message: string }[] = [];
  const session = await Session.answer(
    {
      id: "test",
      offer: await offerOf(peer),
      loopback: true,
      limits,
      ...options.session,
    },
    {},
    createLogger({
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    }),
  );
  cleanup.use(session);
  const bye = new Promise<{ code: string; reason: string }>((resolve) =>
    channel.onMessage.subscribe((text) => {
      const message = JSON.parse(String(text));
      if (message.type === "bye") resolve(message);
    })
  );
  await connectTo(peer, session.answerSdp);
  await whenState(channel, "open");
  const life = cleanup.move();
  return {
    ...{ peer, channel, session, lines, bye },
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  };
}

type Call = Awaited<ReturnType<typeof connect>>;

/** Checks that the peer was told of the limit, and the session is over for it. */
async function assertBroken(
  { bye, session }: Call,
  limit: string,
  reason: RegExp,
): Promise<void> {
  const { code, reason: told } = await bye;
  assertEquals(code, "limit");
  assertMatch(told, reason);
  assertEquals(await session.closed, told);
  assertEquals(session.endCode, "limit");
  assertEquals(session.snapshot().brokenLimit, limit);
}

peerTest("A frame of too many points ends a session", async () => {
  await using call = await connect({ framePoints: 100 });
  call.channel.send(frameMessage(0, 100));
  call.channel.send(frameMessage(1, 101));
  await assertBroken(
    call,
    "frame-points",
    /^frame 1 has 101 points, and at most 100 are taken$/,
  );
  assertEquals(call.session.snapshot().points.frames, 1);
});

peerTest("The channels that a peer opens don't fill the log", async () => {
  await using call = await connect({});
  const { peer, session, lines } = call;
  const label = "x".repeat(5_000);
  const channels = Array.from(
    { length: 60 },
    () => peer.createDataChannel(label, { protocol: label }),
  );
  await Promise.all(channels.map((channel) => whenState(channel, "open")));
  for (const channel of channels) channel.close();
  await Promise.all(channels.map((channel) => whenState(channel, "closed")));
  await session.close("enough");
  const told = lines.filter(({ message }) =>
    message.startsWith("data channel")
  );
  assertLess(told.length, 30);
  assertLess(Math.max(...told.map((line) => JSON.stringify(line).length)), 800);
});

peerTest("A frame of too many bytes ends a session", async () => {
  await using call = await connect({ frameBytes: 1200 });
  call.channel.send(frameMessage(0, 100));
  call.channel.send(frameMessage(1, 101));
  await assertBroken(
    call,
    "frame-bytes",
    /^frame 1 was given up: it has more than 1200 bytes$/,
  );
});

peerTest("The original's clouds are held to the same", async () => {
  for (
    const [limits, limit] of [
      [{ framePoints: 10 }, "frame-points"],
      [{ frameBytes: 120 }, "frame-bytes"],
    ] as const
  ) {
    await using call = await connect(limits, { protocol: "" });
    call.channel.send(Buffer.from(encodeF32(new Float32Array(33))));
    assertMatch(await call.session.closed, /^a message has \d+ (points|bytes)/);
    assertEquals(call.session.snapshot().brokenLimit, limit);
  }
});

peerTest("More bytes a second than are taken end a session", async () => {
  await using call = await connect({ bytesPerSecond: 10_000 });
  for (let frame = 0; frame < 40; frame++) {
    call.channel.send(frameMessage(frame, 1000));
  }
  await assertBroken(
    call,
    "bytes-per-second",
    /^more than 10000 bytes a second came$/,
  );
});

peerTest("More messages a second than are taken end a session", async () => {
  await using call = await connect({ messagesPerSecond: 20 });
  for (let frame = 0; frame < 40; frame++) {
    call.channel.send(frameMessage(frame, 1));
  }
  await assertBroken(
    call,
    "messages-per-second",
    /^more than 20 messages a second came$/,
  );
  // What was over is not read any more.
  assertLess(call.session.snapshot().points.frames, 40);
});

peerTest(
  "Nothing but junk ends a session, and doesn't fill the log",
  async () => {
    await using call = await connect({ invalidMessages: 50 });
    call.channel.send(frameMessage(0, 10));
    for (let i = 0; i < 51; i++) call.channel.send(Buffer.alloc(13));
    await assertBroken(
      call,
      "invalid-messages",
      /^more than 50 messages could not be read; the last: cannot read a chunk/,
    );
    assertEquals(call.session.snapshot().points.invalid, 51);
    const warnings = call.lines.filter(({ level }) => level === "warn");
    assertLess(warnings.length, 20);
  },
);

peerTest("More data channels than are taken end a session", async () => {
  await using call = await connect({ dataChannels: 3 });
  for (let i = 0; i < 3; i++) call.peer.createDataChannel(`${i}`);
  await assertBroken(
    call,
    "data-channels",
    /^more than 3 data channels were opened$/,
  );
});

peerTest("What can't be read is forgiven where frames come", async () => {
  await using call = await connect({ invalidMessages: 20 });
  const acked = new Promise<void>((resolve) =>
    call.channel.onMessage.subscribe((text) => {
      const { type, frame } = JSON.parse(String(text));
      if (type === "ack" && frame === 3) resolve();
    })
  );
  for (let frame = 0; frame < 4; frame++) {
    for (let i = 0; i < 20; i++) call.channel.send(Buffer.alloc(13));
    call.channel.send(frameMessage(frame, 10));
  }
  await Promise.race([acked, call.bye]);
  const { state, points } = call.session.snapshot();
  assertEquals([state, points.frames, points.invalid], ["connected", 4, 80]);
});

peerTest("A session that is idle ends", async () => {
  await using call = await connect({ idleMs: 200 });
  await assertBroken(
    call,
    "idle-time",
    /^neither points nor media came for 0\.2 s$/,
  );
});

peerTest("A session that doesn't connect in time is told apart", async () => {
  const { Session } = await import("../../lib/session/session.ts");
  await using caller = await makePeer();
  caller.peer.createDataChannel("points");
  await using session = await Session.answer(
    {
      id: "test",
      offer: await offerOf(caller.peer),
      loopback: true,
      connectTimeoutMs: 50,
    },
    {},
    createLogger({ write: () => {} }),
  );
  assertMatch(await session.closed, /^No connection within 0\.05 s/);
  assertEquals(session.snapshot().brokenLimit, "connect-time");
  // Its client may come back.
  assertEquals(session.endCode, "lost");
});
