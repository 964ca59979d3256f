import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { createLogger } from "../../lib/log.ts";
import type { RtpPacketView } from "../../lib/media/rtp.ts";
import {
  float32Fields,
  pointCloud,
  type Pose,
} from "../../lib/points/cloud.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import type { StreamPlace } from "../../lib/wire/stream_place.ts";
import { Feed } from "../../lib/session/feed.ts";
import type { Watcher } from "../../lib/watching/watcher.ts";
import { loadMediaTools } from "../transport/media.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  tamperWithDatagrams,
  whenState,
} from "../transport/pair.ts";
import { Received } from "./received.ts";

const POINTS = { protocol: "pointwire.v1" };

function makeFrame(number: number, points = 1000): EncodedFrame {
  const values = Float32Array.from({ length: points * 4 }, (_, i) => i);
  const fields = ["x", "y", "z", "intensity"];
  const { data, ...shape } = pointCloud(values.fill(number, 0, 3), fields);
  return {
    ...shape,
    number,
    codec: "f32",
    captureTime: Date.now(),
    bytes: data,
    stream: "points",
  };
}

/** One watcher of a feed, and the peer that made its offer. */
class Watch extends Received implements AsyncDisposable {
  channel!: RTCDataChannel;
  peer!: RTCPeerConnection;
  watcher!: Watcher;
  /** What came on the channels that the server opened. */
  readonly opened: { channel: RTCDataChannel; received: Received }[] = [];
  readonly #cleanup = new AsyncDisposableStack();

  static async connect(
    feed: Feed,
    options: { media?: boolean } = {},
  ): Promise<Watch> {
    const { Watcher } = await import("../../lib/watching/watcher.ts");
    const watch = new Watch();
    await using cleanup = new AsyncDisposableStack();
    const peer = watch.peer = cleanup.use(await makePeer()).peer;
    watch.channel = peer.createDataChannel("points", POINTS);
    peer.onDataChannel.subscribe((channel) => {
      const received = new Received();
      received.listen(channel);
      watch.opened.push({ channel, received });
    });
    const kinds = options.media ? ["video", "audio"] as const : [];
    const direction = "recvonly";
    const media = kinds.map((kind) => peer.addTransceiver(kind, { direction }));
    watch.listen(watch.channel);
    watch.watcher = cleanup.use(
      await Watcher.answer(
        { id: "w", feed, offer: await offerOf(peer), loopback: true },
        createLogger({ write: () => {} }),
      ),
    );
    const tools = await loadMediaTools();
    await connectTo(
      peer,
      watch.watcher.answerSdp,
      () => watch.listenToMedia(tools, peer, media),
    );
    await whenState(watch.channel, "open");
    watch.#cleanup.use(cleanup.move());
    await watch.until(() => watch.texts.length > 0);
    return watch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup.disposeAsync();
  }
}

peerTest("A watcher gets every frame as it came, with its fields", async () => {
  const feed = new Feed();
  feed.frame(makeFrame(3));
  await using watch = await Watch.connect(feed);
  assertEquals(watch.texts[0], { type: "hello", protocol: "pointwire.v1" });
  await watch.until(() => watch.frames.length === 1);
  const { newest } = feed.stream("points")!;
  const sent = [newest!, makeFrame(4, 20_000), makeFrame(5)];
  for (const frame of sent.slice(1)) feed.frame(frame);
  await watch.until(() => watch.frames.length === 3);
  for (const [i, frame] of watch.frames.entries()) {
    const { number, codec, points, captureTime, bytes } = sent[i];
    const expected = { number, codec, points, captureTime, bytes };
    assertEquals({ ...frame, bytes: Uint8Array.from(frame.bytes) }, expected);
  }
  // Once: they didn't change.
  assertEquals(watch.texts.slice(1), [
    { type: "fields", ...float32Fields(["x", "y", "z", "intensity"]) },
  ]);
  const { framesSent, framesDropped } = watch.watcher.counters;
  assertEquals([framesSent, framesDropped], [3, 0]);
});

const POSE: Pose = { translation: [1, 2, 3], rotation: [0, 0, 0, 1] };

peerTest("A watcher gets each stream over a channel of its own", async () => {
  const feed = new Feed();
  const inStream = (stream: string, number: number, place?: StreamPlace) => ({
    ...makeFrame(number),
    ...{ stream, place },
  });
  const front = { frameId: "front_lidar", parent: "base", pose: POSE };
  feed.frame(inStream("front", 1, front));
  feed.frame(inStream("rear", 7));
  await using watch = await Watch.connect(feed);
  const { opened } = watch;
  await watch.until(() => watch.frames.length === 1 && opened.length === 1);
  const { received: rear } = opened[0];
  await rear.until(() => rear.frames.length === 1);
  // One that comes later, and one that has moved.
  feed.frame(inStream("top", 0));
  feed.frame(inStream("rear", 8, { frameId: "rear_lidar" }));
  feed.frame(inStream("front", 2, { ...front }));
  await watch.until(() => watch.frames.length === 2 && opened.length === 2);
  const { received: top } = opened[1];
  await top.until(() => top.frames.length === 1);
  await rear.until(() => rear.frames.length === 2);

  assertEquals(
    opened.map(({ channel: { label, protocol } }) => [label, protocol]),
    [["rear", "pointwire.v1"], ["top", "pointwire.v1"]],
  );
  const numbersOf = ({ frames }: Received) => frames.map((f) => f.number);
  assertEquals(numbersOf(watch), [1, 2]);
  assertEquals([numbersOf(rear), numbersOf(top)], [[7, 8], [0]]);
  assertEquals(watch.places, [{ type: "stream", name: "front", ...front }]);
  assertEquals(rear.places, [
    { type: "stream", name: "rear" },
    { type: "stream", name: "rear", frameId: "rear_lidar" },
  ]);
  for (const { texts } of [watch, rear, top]) {
    assertEquals(texts[0], { type: "hello", protocol: "pointwire.v1" });
  }
  assertEquals(watch.watcher.counters.framesSent, 5);
});

peerTest("A stream whose channel is closed isn't sent again", async () => {
  const feed = new Feed();
  feed.frame(makeFrame(0));
  await using watch = await Watch.connect(feed);
  const { opened } = watch;
  feed.frame({ ...makeFrame(0), stream: "rear" });
  await watch.until(() => opened.length === 1);
  const [{ channel: rear }] = opened;
  await whenState(rear, "open");
  rear.close();
  await whenState(rear, "closed");
  feed.frame({ ...makeFrame(1), stream: "rear" });
  feed.frame(makeFrame(1));
  // The first frame may have been overtaken.
  await watch.until(() => watch.frames.at(-1)?.number === 1);
  assertEquals(opened.length, 1);
});

peerTest(
  "A slow watcher gets fewer frames, whole, the newest of all",
  async () => {
    const feed = new Feed();
    await using slow = await Watch.connect(feed);
    await using fast = await Watch.connect(feed);
    // Nothing of what is sent to the slow one arrives for a while.
    const ports = portsOf(slow.peer);
    const held: (() => void)[] = [];
    let holding = true;
    using _link = tamperWithDatagrams((_, pass, to) => {
      if (holding && ports.has(to)) held.push(pass);
      else pass();
    });
    // What it begins before that may be thinned, where the machine is busy.
    let count = 0;
    while (slow.watcher.counters.framesDropped <= 20) {
      const captureTime = 1000 * count;
      feed.frame({ ...makeFrame(count, 20_000), captureTime });
      count++;
      await fast.until(() => fast.frames.length === count);
    }
    assertEquals(fast.frames.map(({ number }) => number), numbers(count));
    assertEquals(fast.watcher.counters.framesDropped, 0);
    // What waits for the slow one is bounded, and what it has is not.
    assertLess(slow.frames.length, count);
    holding = false;
    for (const pass of held) pass();
    await slow.until(() => slow.frames.at(-1)?.number === count - 1);
    const got = slow.frames.map(({ number }) => number);
    assertEquals(got, got.toSorted((a, b) => a - b));
    const { framesSent, framesDropped } = slow.watcher.counters;
    assertEquals([got.length, got.length + framesDropped], [framesSent, count]);
  },
);

peerTest("A watcher's first cloud fits a narrow path", async () => {
  const feed = new Feed();
  for (const [i, now] of [-250, 0].entries()) {
    feed.frame({
      ...makeFrame(i, 20_000),
      captureTime: Date.now() + now,
    });
  }
  // 2 Mbit/s and 40 ms to either side, whatever goes over it.
  let freeAt = 0;
  using _link = tamperWithDatagrams((datagram, pass) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + datagram.length / 250;
    setTimeout(pass, freeAt - now + 20);
  });
  await using watch = await Watch.connect(feed);
  await watch.until(() => watch.frames.length > 0);
  const [{ number, points }] = watch.frames;
  // All of it would take 1.3 s, and there is one each quarter of a second.
  assertEquals(number, 1);
  assertLess(points, 20_000);
  assertGreater(points, 20_000 / 64);
});

peerTest(
  "A watcher gets the media, late or not, and may ask for keyframes",
  async () => {
    const feed = new Feed();
    let asked = Promise.withResolvers<void>();
    feed.addTrack({
      kind: "video",
      codec: "VP8",
      clockRate: 90_000,
      requestKeyframe: () => asked.resolve(),
    });
    feed.addTrack({
      kind: "audio",
      codec: "opus",
      clockRate: 48_000,
      requestKeyframe: () => {},
    });
    const key = Uint8Array.of(0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0);
    const packet = (
      sequenceNumber: number,
      payload: Uint8Array,
    ): RtpPacketView => ({
      sequenceNumber,
      timestamp: 90 * sequenceNumber,
      marker: true,
      payload,
    });
    feed.packet(0, packet(65_535, key));
    feed.clock(0, { ntpTimestamp: 5n << 32n, rtpTimestamp: 0 });
    await using watch = await Watch.connect(feed, { media: true });
    await watch.until(() => watch.packets.length === 1);
    feed.packet(0, packet(0, Uint8Array.of(0x10, 1, 0, 0, 8)));
    feed.packet(1, packet(7, Uint8Array.of(0xfc, 1, 2)));
    await watch.until(() => watch.packets.length === 3);
    assertEquals(
      watch.packets.map(({ timestamp, marker, payload }) => [
        timestamp,
        marker,
        [...payload],
      ]),
      [
        [90 * 65_535, true, [...key]],
        [0, true, [0x10, 1, 0, 0, 8]],
        [630, true, [0xfc, 1, 2]],
      ],
    );
    // Each stream has numbers of its own, without a hole.
    const [first, second] = watch.packets.map((p) => p.sequenceNumber);
    assertEquals((second - first) & 0xffff, 1);
    assertEquals(feed.watchers, 1);
    // PLI (RFC 4585 section 6.3.1) of the watcher's.
    asked = Promise.withResolvers();
    watch.requestKeyframe();
    await asked.promise;
  },
);

peerTest(
  "A watcher is sent no media of a codec that it can't take",
  async () => {
    const feed = new Feed();
    feed.addTrack({
      kind: "video",
      codec: undefined,
      clockRate: 90_000,
      requestKeyframe: () => {},
    });
    await using watch = await Watch.connect(feed, { media: true });
    const directions = watch.watcher.answerSdp.match(/a=(inactive|sendonly)/g);
    assertEquals(directions, ["a=inactive", "a=inactive"]);
  },
);

peerTest("A watcher is told why it ends, and leaves the feed", async () => {
  const feed = new Feed();
  await using watch = await Watch.connect(feed);
  assertEquals(feed.watchers, 1);
  const closing = watch.watcher.close("the session was deleted", "deleted");
  await watch.until(() => watch.texts.at(-1)?.type === "bye");
  assertEquals(watch.texts.at(-1), {
    type: "bye",
    reason: "the session was deleted",
    code: "deleted",
  });
  await closing;
  assertEquals(await watch.watcher.closed, "the session was deleted");
  assertEquals(feed.watchers, 0);
});

peerTest("What a watcher was sent stays counted when it is gone", async () => {
  const feed = new Feed();
  await using watch = await Watch.connect(feed);
  for (const number of numbers(3)) feed.frame(makeFrame(number));
  await watch.until(() => watch.frames.length === 3);
  const { forwarded } = feed;
  assertEquals([forwarded.framesSent, forwarded.framesDropped], [3, 0]);
  assert(forwarded.bytesSent > 0);
  await watch.peer.close();
  await watch.watcher.closed;
  assertEquals(feed.forwarded, forwarded);
});

peerTest("A watcher is told that the end is near, and goes on", async () => {
  const feed = new Feed();
  await using watch = await Watch.connect(feed);
  const notice = { type: "draining", reason: "so", seconds: 9 } as const;
  watch.watcher.announce(notice);
  await watch.until(() => watch.texts.at(-1)?.type === "draining");
  assertEquals(watch.texts.at(-1), { ...notice });
  feed.frame(makeFrame(1));
  await watch.until(() => watch.frames.length === 1);
});

peerTest("A watcher that opens too many data channels is ended", async () => {
  await using watch = await Watch.connect(new Feed());
  for (let i = 0; i < 100; i++) watch.peer.createDataChannel(`${i}`);
  await watch.until(() => watch.texts.at(-1)?.type === "bye");
  assertEquals(watch.texts.at(-1), {
    type: "bye",
    reason: "more than 100 data channels were opened",
    code: "limit",
  });
});

peerTest("A watcher that hangs up leaves the feed", async () => {
  const feed = new Feed();
  await using watch = await Watch.connect(feed);
  await watch.peer.close();
  assert(await watch.watcher.closed);
  assertEquals(feed.watchers, 0);
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The UDP ports that a peer's candidates name. */
function portsOf(peer: RTCPeerConnection): Set<number> {
  const sdp = peer.localDescription!.sdp;
  const lines = sdp.matchAll(/^a=candidate:\S+ \d \S+ \d+ \S+ (\d+) /gm);
  return new Set([...lines].map(([, port]) => Number(port)));
}
