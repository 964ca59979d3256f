import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { createLogger } from "../../lib/log.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import {
  type EncodedFrame,
  POINTS_PROTOCOL,
  splitFrame,
} from "../../lib/wire/frame.ts";
import { toFloat32 } from "../../lib/points/cloud.ts";
import type {
  Session,
  SessionEvents,
  SessionOptions,
} from "../../lib/session/session.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../transport/pair.ts";
import { loadMediaTools } from "../transport/media.ts";
import { until } from "../support.ts";

/** Longest wait, milliseconds: a busy machine is late. */
const PATIENCE_MS = 60_000;

/** Values of a cloud whose first point carries the frame number. */
function cloudValues(frame: number, points = 100): Float32Array {
  const values = new Float32Array(points * 3);
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
  return values.fill(frame, 0, 3);
}

/** One message that is a whole frame of `pointwire.v1`. */
function frameMessage(frame: number, claimed = 100): Buffer {
  const info = {
    number: frame,
    codec: "f32" as const,
    points: claimed,
    captureTime: 1,
  };
  const [message] = splitFrame(encodeF32(cloudValues(frame)), info, 65_536);
  return Buffer.from(message.buffer);
}

function rawMessage(frame: number): Buffer {
  return Buffer.from(encodeF32(cloudValues(frame)));
}

interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

/** A session, and the peer that made its offer. */
class Call implements AsyncDisposable {
  readonly clouds: (EncodedFrame & { values: Float32Array })[] = [];
  readonly lines: LogLine[] = [];
  readonly channels: RTCDataChannel[] = [];
  peer!: RTCPeerConnection;
  session!: Session;
  readonly #cleanup = new AsyncDisposableStack();

  /** Makes the peer with a channel for each protocol, and the session. */
  static async start(
    options: {
      protocols?: string[];
      session?: Partial<SessionOptions>;
      events?: SessionEvents;
      prepare?(peer: RTCPeerConnection): void;
      editOffer?(sdp: string): string;
    } = {},
  ): Promise<Call> {
    const { Session } = await import("../../lib/session/session.ts");
    const call = new Call();
    await using cleanup = new AsyncDisposableStack();
    call.peer = cleanup.use(await makePeer()).peer;
    for (const protocol of options.protocols ?? [POINTS_PROTOCOL]) {
      call.channels.push(call.peer.createDataChannel("points", { protocol }));
    }
    options.prepare?.(call.peer);
    const edit = options.editOffer ?? ((sdp: string) => sdp);
    call.session = await Session.answer(
      {
        id: "test",
        offer: edit(await offerOf(call.peer)),
        loopback: true,
        ...options.session,
      },
      {
        onCloud(cloud, frame) {
          // The values are only lent.
          const values = toFloat32(cloud).slice();
          call.clouds.push({ ...frame, values });
          options.events?.onCloud?.(cloud, frame);
        },
        onMediaFrame: options.events?.onMediaFrame,
      },
      createLogger({
        level: "debug",
        format: "json",
        write: (line) => {
          call.lines.push(JSON.parse(line));
        },
      }),
    );
    cleanup.use(call.session);
    call.#cleanup.use(cleanup.move());
    return call;
  }

  /** Starts a session, and connects to it. */
  static async connect(
    options: Parameters<typeof Call.start>[0] = {},
  ): Promise<Call> {
    const call = await Call.start(options);
    await connectTo(call.peer, call.session.answerSdp);
    await Promise.all(call.channels.map((c) => whenState(c, "open")));
    await call.until(() => call.session.state === "connected");
    return call;
  }

  /** Waits for a change that a cloud or a log line comes with. */
  async until(condition: () => boolean): Promise<void> {
    await until(condition, {
      what: () => `more than this log: ${JSON.stringify(this.lines)}`,
      within: PATIENCE_MS,
    });
  }

  /** Waits until the session has counted so many frames and mistakes. */
  async counted(frames: number, invalid: number): Promise<void> {
    await this.until(() => {
      const { points } = this.session.snapshot();
      return points.frames >= frames && points.invalid >= invalid;
    });
    const { points } = this.session.snapshot();
    assertEquals([points.frames, points.invalid], [frames, invalid]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup.disposeAsync();
  }
}

peerTest("A session answers an offer, and connects", async () => {
  await using call = await Call.start();
  assertEquals(call.session.id, "test");
  assertEquals(call.session.state, "connecting");
  assertMatch(call.session.answerSdp, /^v=0\r\n/);
  const before = call.session.snapshot();
  assertEquals([before.state, before.connectedAt], ["connecting", null]);

  await connectTo(call.peer, call.session.answerSdp);
  await call.until(() => call.session.state === "connected");
  await call.until(() => call.lines.at(-1)?.message === "session connected");
  const { connectedAt, remoteAddress } = call.session.snapshot();
  assert(Date.parse(connectedAt!) >= Date.parse(before.createdAt));
  assertMatch(remoteAddress!, /:\d+$/);
});

peerTest("A session receives points in both dialects", async () => {
  await using call = await Call.connect({ protocols: [POINTS_PROTOCOL, ""] });
  const [ours, originals] = call.channels;
  ours.send(frameMessage(5));
  await call.counted(1, 0);
  originals.send(rawMessage(6));
  await call.counted(2, 0);
  assertEquals(call.clouds.map(({ number }) => number), [5, 6]);
  for (const { number, values } of call.clouds) {
    assertEquals(values, cloudValues(number));
  }
  // Only ours says when a frame was captured.
  const [ours1, originals1] = call.clouds;
  assertEquals(ours1.captureTime, 1);
  assertGreater(originals1.captureTime, Date.now() - 60_000);
});

peerTest("A session's channels are streams, each of its own", async () => {
  const label = "rear";
  let rear!: RTCDataChannel;
  await using call = await Call.connect({
    prepare(peer) {
      rear = peer.createDataChannel(label, { protocol: POINTS_PROTOCOL });
    },
  });
  await whenState(rear, "open");
  const [front] = call.channels;
  const pose = { translation: [1, 2, 3], rotation: [0, 0, 0, 1] };
  const place = { frameId: "rear_lidar", parent: "base_link", pose };
  rear.send(JSON.stringify({ type: "stream", ...place, more: 1 }));
  front.send(frameMessage(5));
  front.send(frameMessage(7));
  rear.send(frameMessage(100));
  rear.send(frameMessage(101));
  await call.counted(4, 0);
  const { points, streams } = call.session.snapshot();
  assertEquals([points.frames, points.skipped, points.points], [4, 1, 400]);
  const shown = streams.map((stream) => ({
    ...{ name: stream.name, frames: stream.frames },
    ...{ last: stream.lastFrame, skipped: stream.skipped },
  }));
  // In the order in which their channels were opened.
  assertEquals(shown, [
    { name: "points", frames: 2, last: 7, skipped: 1 },
    { name: "rear", frames: 2, last: 101, skipped: 0 },
  ]);
  const found = streams.find(({ name }) => name === label)!;
  assertEquals(found.frameId, "rear_lidar");
  assertEquals([found.parent, found.pose], ["base_link", pose]);
  assertEquals(
    call.clouds.map(({ stream }) => stream).toSorted(),
    ["points", "points", "rear", "rear"],
  );
  for (const wrong of [{ pose: 5 }, { frameId: "x".repeat(201) }]) {
    rear.send(JSON.stringify({ type: "stream", ...wrong }));
  }
  await call.counted(4, 2);
  const next = await Call.connect({ protocols: [POINTS_PROTOCOL] });
  await using _next = next;
  next.session.continueAfter(call.session.lastFrames);
  next.channels[0].send(frameMessage(10));
  await next.counted(1, 0);
  assertEquals(next.session.snapshot().points.skipped, 2);
});

peerTest(
  "A session greets ours, acknowledges, and says why it ends",
  async () => {
    await using call = await Call.start();
    const [channel] = call.channels;
    const messages: Record<string, unknown>[] = [];
    const came = (type: string) =>
      new Promise<Record<string, unknown>>((resolve) => {
        channel.onMessage.subscribe((text) => {
          const message = JSON.parse(String(text));
          if (message.type === type) resolve(message);
        });
      });
    channel.onMessage.subscribe((m) => messages.push(JSON.parse(String(m))));
    const [hello, ack, bye] = ["hello", "ack", "bye"].map(came);
    await connectTo(call.peer, call.session.answerSdp);
    assertEquals((await hello).protocol, POINTS_PROTOCOL);
    channel.send(frameMessage(9));
    assertEquals((await ack).frame, 9);
    const closing = call.session.close("just because", "deleted");
    assertEquals(await bye, {
      type: "bye",
      reason: "just because",
      code: "deleted",
    });
    await closing;
    assertEquals(messages.map(({ type }) => type), [
      "hello",
      "time",
      "ack",
      "bye",
    ]);
  },
);

peerTest(
  "A session says that the end is near, to channels that open later too",
  async () => {
    await using call = await Call.start();
    const [channel] = call.channels;
    const notices: unknown[] = [];
    const came = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    channel.onMessage.subscribe((text) => {
      const message = JSON.parse(String(text));
      if (message.type !== "draining") return;
      (notices.push(message) === 1 ? came : again).resolve();
    });
    const notice = { type: "draining", reason: "so", seconds: 9 } as const;
    call.session.announce(notice);
    await connectTo(call.peer, call.session.answerSdp);
    await came.promise;
    call.session.announce({ ...notice, seconds: 1 });
    await again.promise;
    assertEquals(notices, [notice, { ...notice, seconds: 1 }]);
    assertEquals(call.session.state, "connected");
  },
);

peerTest("A session sends an original's client nothing", async () => {
  await using call = await Call.connect({ protocols: [""] });
  const messages: unknown[] = [];
  const [channel] = call.channels;
  channel.onMessage.subscribe((message) => messages.push(message));
  const notice = { type: "draining", reason: "so", seconds: 9 } as const;
  call.session.announce(notice);
  channel.send(rawMessage(0));
  await call.counted(1, 0);
  await call.session.close("just because");
  await whenState(channel, "closed");
  assertEquals(messages, []);
});

peerTest(
  "A session counts what is missing since the one it resumes",
  async () => {
    await using call = await Call.start({ session: { resumes: "before" } });
    assertEquals(call.session.snapshot().resumes, "before");
    void call.session.connected.then(() =>
      call.session.continueAfter(new Map([["points", 7]]))
    );
    await connectTo(call.peer, call.session.answerSdp);
    const [channel] = call.channels;
    await whenState(channel, "open");
    channel.send(frameMessage(10));
    await call.counted(1, 0);
    channel.send(frameMessage(11));
    await call.counted(2, 0);
    const { skipped, lastFrame } = call.session.snapshot().points;
    assertEquals([skipped, lastFrame], [2, 11]);
  },
);

peerTest("A session counts each bad message, and goes on", async () => {
  await using call = await Call.connect({ protocols: [POINTS_PROTOCOL, ""] });
  const [ours, originals] = call.channels;
  const bad: [RTCDataChannel, Buffer | string][] = [
    [ours, Buffer.alloc(13)],
    [ours, "text"],
    [ours, frameMessage(1, 99)],
    [ours, frameMessage(0)],
    [originals, Buffer.alloc(13)],
    [originals, "text"],
  ];
  ours.send(frameMessage(0));
  await call.counted(1, 0);
  for (const [i, [channel, message]] of bad.entries()) {
    channel.send(message);
    await call.counted(1, i + 1);
  }
  assertEquals(call.session.snapshot().points.invalidReasons, {
    length: 2,
    text: 2,
    header: 1,
    stale: 1,
  });
  ours.send(frameMessage(2));
  await call.counted(2, bad.length);
  originals.send(rawMessage(3));
  await call.counted(3, bad.length);
  assertEquals(call.session.state, "connected");
});

peerTest("A session survives what no data channel carries", async () => {
  await using call = await Call.connect();
  const [{ id }] = call.channels;
  const { sctp } = call.peer.sctpTransport!;
  const refused = () =>
    call.lines.filter(({ message }) => message.includes("refused")).length;
  await sctp.send(id!, 999, Buffer.from("unknown payload protocol"));
  await sctp.send(77, 50, Buffer.of(2));
  await call.peer.dtlsTransports[0].sendData(Buffer.from("no packet"));
  await call.until(() => refused() === 2);
  call.channels[0].send(frameMessage(0));
  await call.counted(1, 0);
  // What has no right checksum is passed over in silence (RFC 9260 section 6.8).
  assertEquals(refused(), 2);
});

peerTest("A session survives listeners that throw", async () => {
  let calls = 0;
  await using call = await Call.connect({
    events: {
      onCloud() {
        if (++calls === 1) throw new Error("on purpose");
      },
    },
  });
  const [channel] = call.channels;
  channel.send(frameMessage(0));
  await call.until(() =>
    call.lines.some(({ error }) => String(error).includes("on purpose"))
  );
  channel.send(frameMessage(1));
  await call.until(() => calls === 2);
  assertEquals(call.session.state, "connected");
});

peerTest("A session goes on when just a channel closes", async () => {
  await using call = await Call.connect();
  const [first] = call.channels;
  first.send(frameMessage(0));
  await call.counted(1, 0);
  first.close();
  await call.until(() => call.lines.at(-1)?.message === "data channel closed");
  assertEquals(call.session.state, "connected");

  // On a stream of its own: the first one's may still be reset for a while.
  const second = call.peer.createDataChannel("again", {
    protocol: POINTS_PROTOCOL,
    id: first.id! + 2,
  });
  await whenState(second, "open");
  second.send(frameMessage(1));
  await call.counted(2, 0);
});

peerTest("A session receives a track's frames", async () => {
  const tools = await loadMediaTools();
  const received = Promise.withResolvers<[string, number]>();
  await using call = await Call.connect({
    prepare(peer) {
      peer.addTransceiver("audio", { direction: "sendonly" });
    },
    events: {
      onMediaFrame: ({ kind }, index) => received.resolve([kind, index]),
    },
  });
  const [transceiver] = call.peer.getTransceivers();
  const stream = tools.stream(call.peer, transceiver);
  // 20 ms of silence, as RFC 6716 section 3.1 writes it.
  const payload = Uint8Array.of(0xf8, 0xff, 0xfe);
  stream.send({ sequenceNumber: 1, timestamp: 960, marker: true, payload });
  assertEquals(await received.promise, ["audio", 0]);
  const { audio, video, tracks } = call.session.snapshot();
  assertEquals(audio.codec, "opus");
  assert(audio.frames >= 1 && audio.bytes >= 3);
  assertEquals(video.codec, null);
  assertEquals(tracks.map(({ kind }) => kind), ["audio"]);
});

peerTest("A session ends when the peer closes the connection", async () => {
  await using call = await Call.connect();
  call.channels[0].send(frameMessage(0));
  await call.counted(1, 0);
  await call.peer.close();
  assertEquals(await call.session.closed, "the peer closed the connection");
  assertEquals(call.session.endCode, "ended");
  const { state, points } = call.session.snapshot();
  assertEquals([state, points.frames], ["closed", 1]);
});

peerTest("A session ends when the peer vanishes without a word", async () => {
  await using call = await Call.connect({ session: { silenceMs: 200 } });
  for (const { connection } of call.peer.iceTransports) {
    await connection.close();
  }
  assertEquals(await call.session.closed, "nothing came for 0.2 s");
  assertEquals(call.session.state, "closed");
});

peerTest(
  "A session ends when the peer's certificate is another's",
  async () => {
    const other = "AA:".repeat(31) + "AA";
    await using call = await Call.start({
      editOffer: (sdp) =>
        sdp.replace(/(a=fingerprint:sha-256 )\S+/g, `$1${other}`),
    });
    await call.peer.setRemoteDescription({
      type: "answer",
      sdp: call.session.answerSdp,
    });
    assertEquals(
      await call.session.closed,
      "the connection failed, as the other side's DTLS handshake is refused: " +
        "its certificate is not the one of its a=fingerprint",
    );
    assertEquals(call.session.snapshot().brokenLimit, null);
  },
);

peerTest(
  "A session ends when the peer vanishes while it connects",
  async () => {
    await using call = await Call.start({ session: { silenceMs: 200 } });
    assertEquals(await call.session.closed, "nothing came for 0.2 s");
    assertEquals(call.session.state, "closed");
    assertEquals(call.session.endCode, "lost");
  },
);

peerTest("A session that never connects is freed", async () => {
  await using call = await Call.start({ session: { connectTimeoutMs: 20 } });
  const reason = await call.session.closed;
  assertMatch(reason, /^No connection within 0.02 s/);
  assertEquals(call.session.state, "closed");
});

peerTest(
  "A session can be closed at any time, and more than once",
  async () => {
    await using connecting = await Call.start();
    await using connected = await Call.connect();
    for (const { session } of [connecting, connected]) {
      const first = session.close("first");
      const second = session.close("second");
      await Promise.all([first, second]);
      await session.close("third");
      assertEquals(await session.closed, "first");
      assertEquals(session.state, "closed");
      assertEquals(session.snapshot().state, "closed");
    }
  },
);

peerTest("A session can be closed while it connects", async () => {
  await using call = await Call.start();
  const connecting = connectTo(call.peer, call.session.answerSdp);
  const failed = connecting.then(() => undefined, (error) => error);
  const [{ connection }] = call.peer.iceTransports;
  await new Promise<void>((resolve) =>
    connection.stateChanged.subscribe((state) => {
      if (state === "connected") resolve();
    })
  );
  await call.session.close("in between");
  await call.peer.close();
  await failed;
  assertEquals(await call.session.closed, "in between");
});

peerTest("A closed session takes no more points", async () => {
  await using call = await Call.connect();
  call.channels[0].send(frameMessage(0));
  await call.counted(1, 0);
  const closing = call.session.close("over");
  call.channels[0].send(frameMessage(1));
  await closing;
  assertEquals(call.clouds.length, 1);
});

peerTest("An offer that can't be answered leaves nothing behind", async () => {
  const { Session } = await import("../../lib/session/session.ts");
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  const offer = await offerOf(made.peer);
  const garbage = [
    "",
    offer.replace(/a=sctp-port:\d+/, "a=sctp-port:0"),
    offer.replace(/a=fingerprint:.*/, "a=fingerprint:nonsense"),
    offer.replace(/a=candidate:.*/, "a=candidate:nonsense"),
    offer.replace("m=application", "m=nonsense"),
    offer.replace(/m=application \d+/, "m=application nonsense"),
  ];
  for (const sdp of garbage) {
    const error = await assertRejects(() =>
      Session.answer(
        { id: "test", offer: sdp },
        {},
        createLogger({ write: () => {} }),
      )
    );
    assert(error instanceof Error, sdp);
  }
});

peerTest(
  "A snapshot has the fields that issue and API name, as plain data",
  async () => {
    await using call = await Call.connect();
    call.channels[0].send(frameMessage(3));
    await call.counted(1, 0);
    const snapshot = call.session.snapshot();
    assertEquals(JSON.parse(JSON.stringify(snapshot)), snapshot);
    const { id, state, connectedAt, points, video, audio } = snapshot;
    assertEquals([id, state], ["test", "connected"]);
    assertEquals(new Date(connectedAt!).toISOString(), connectedAt);
    const { frames, bytes, lastFrame, invalid } = points;
    assertEquals([frames, points.points, bytes], [1, 100, 1200]);
    assertEquals([lastFrame, invalid], [3, 0]);
    assertEquals(video, {
      codec: null,
      width: null,
      height: null,
      frames: 0,
      keyframes: 0,
      bytes: 0,
      packetsLost: 0,
    });
    assertEquals(audio, { codec: null, frames: 0, bytes: 0, packetsLost: 0 });
  },
);

peerTest("A snapshot doesn't change afterwards", async () => {
  await using call = await Call.connect();
  const before = call.session.snapshot();
  call.channels[0].send(Buffer.alloc(13));
  await call.counted(0, 1);
  assertEquals(before.points.invalid, 0);
  assertEquals(before.points.invalidReasons, {});
  assertStrictEquals(call.session.snapshot().points.invalid, 1);
});

peerTest(
  "A session whose peer takes only small messages harms nobody",
  async () => {
    // The greeting fits, or not even that; an acknowledgement doesn't, nor a goodbye.
    for (const limit of [45, 10]) {
      await using call = await Call.start({
        editOffer: (sdp) =>
          sdp.replace(/a=max-message-size:\d+/, `a=max-message-size:${limit}`),
      });
      await connectTo(call.peer, call.session.answerSdp);
      const [channel] = call.channels;
      await whenState(channel, "open");
      for (const frame of [0, 1, 2]) channel.send(frameMessage(frame));
      await call.counted(3, 0);
      // The acknowledgement of the last ones is due by a timer.
      await call.until(() =>
        call.lines.filter(({ message }) => message.includes("not sent"))
          .length >= 2
      );
      await call.session.close("just because");
      assertEquals(await call.session.closed, "just because");
    }
  },
);
