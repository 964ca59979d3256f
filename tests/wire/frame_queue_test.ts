import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { RTCDataChannel } from "werift";
import { splitF32 } from "../../lib/points/f32/f32.ts";
import { splitFrame } from "../../lib/wire/frame.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";
import { frameChannelOf } from "../../lib/transport/frame_channel.ts";
import {
  type BegunFrame,
  type FrameChannel,
  FrameQueue,
  type FrameQueueOptions,
  highWaterBytes,
} from "../../lib/wire/frame_queue.ts";
import { FakeChannel } from "./fake_channel.ts";
import { connectPair, peerTest, whenState } from "../transport/pair.ts";

const KIB = 1024;

interface TestFrame {
  number: number;
  codec: "f32";
  points: number;
  captureTime: number;
  encoded: Uint8Array;
}

function makeFrame(
  number: number,
  bytes: number,
  captureTime = number * 100,
): TestFrame {
  const encoded = new Uint8Array(bytes).fill(number);
  const points = bytes / 12;
  return { number, codec: "f32", points, captureTime, encoded };
}

const sizeOf = ({ encoded }: TestFrame) => encoded.length;

/** Begins a frame in chunks of `pointwire.v1`. */
const beginInChunks = (bytes: number) => (frame: TestFrame): BegunFrame => ({
  points: frame.points,
  messages: splitFrame(frame.encoded, frame, bytes),
});

function setUp(
  options: Partial<FrameQueueOptions<TestFrame>> = {},
  state: FrameChannel["readyState"] = "open",
) {
  const fake = new FakeChannel();
  fake.readyState = state;
  const done: number[] = [];
  const points = new FrameQueue<TestFrame>(fake, {
    begin: ({ number, points, encoded }) => ({
      points,
      messages: splitF32(encoded, 12 * KIB),
      onSent: () => done.push(number),
    }),
    sizeOf,
    highWaterBytes: () => 64 * KIB,
    now: () => fake.now,
    ...options,
  });
  return { fake, done, points };
}

/** Tells whether a promise has settled, once all that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve));
  return settled;
}

Deno.test("FrameQueue that is stopped sends nothing more", () => {
  const { fake, points, done } = setUp();
  for (let i = 0; i < 5; i++) points.send(makeFrame(i, 48 * KIB, 0));
  const sent = fake.sent.length;
  points.stop();
  fake.drain();
  points.send(makeFrame(5, 48 * KIB, 0));
  fake.drain();
  assertEquals(fake.sent.length, sent);
  const { framesSent, framesDropped } = points.counters;
  assertEquals([framesSent, framesSent + framesDropped], [done.length, 6]);
});

Deno.test("FrameQueue sends a frame at once where there is room", () => {
  const { fake, done, points } = setUp();
  points.send(makeFrame(1, 30 * KIB));
  assertEquals(fake.sent, [[1, 12 * KIB], [1, 12 * KIB], [1, 6 * KIB]]);
  assertEquals(done, [1]);
  assertEquals(points.counters, {
    framesSent: 1,
    framesDropped: 0,
    pointsSent: 2560,
    bytesSent: 30 * KIB,
  });
});

Deno.test("FrameQueue counts the bytes of the messages", () => {
  const { points } = setUp({
    begin: beginInChunks(1024),
  });
  points.send(makeFrame(1, 10_000));
  assertEquals(points.counters.bytesSent, 10_000 + 10 * 24);
});

Deno.test("FrameQueue stops where the data channel is full", () => {
  const { fake, done, points } = setUp();
  points.send(makeFrame(1, 300 * KIB));
  assertEquals(fake.bufferedAmount, 72 * KIB);
  assertEquals(points.queuedBytes, 300 * KIB);
  assertEquals(done, []);

  // Not below the threshold, and so nothing yet.
  fake.drain(40 * KIB);
  assertEquals(fake.sent.length, 6);
  fake.drain(30 * KIB);
  assertEquals(fake.sent.length, 9);
  while (fake.bufferedAmount > 0) fake.drain();
  assertEquals(fake.sent.length, 25);
  assertEquals(done, [1]);
  assertEquals(points.queuedBytes, 0);
});

Deno.test("FrameQueue begins no frame while the data channel is over half full", () => {
  const { fake, done, points } = setUp();
  points.send(makeFrame(1, 36 * KIB));
  assertEquals(fake.bufferedAmountLowThreshold, 0);
  points.send(makeFrame(2, 12 * KIB));
  points.send(makeFrame(3, 12 * KIB));
  assertEquals(done, [1]);
  fake.drain(33 * KIB);
  assertEquals(done, [1]);
  fake.drain(20 * KIB);
  assertEquals(done, [1, 2, 3]);
});

Deno.test("FrameQueue is told when all has left the data channel", () => {
  const { fake, points } = setUp();
  points.send(makeFrame(1, 36 * KIB));
  fake.now = 100;
  fake.drain(10 * KIB);
  assertEquals(points.drain.bytesLeft, 26 * KIB);
  fake.now = 200;
  fake.drain();
  fake.now = 1000;
  assertEquals(points.drain.bytesLeft, 36 * KIB);
  assertEquals(points.drain.busyMs, 200);
});

Deno.test("FrameQueue feeds a sender that takes messages at once", () => {
  const { fake, done, points } = setUp();
  fake.takesAtOnce = true;
  const SIZE = 48_000 * KIB;
  points.send(makeFrame(1, SIZE));
  points.send(makeFrame(2, 12 * KIB));
  assertEquals(fake.sent.length, 4001);
  assertEquals(fake.sent.at(-1), [2, 12 * KIB]);
  assertEquals(done, [1, 2]);
  assertEquals(points.counters.bytesSent, SIZE + 12 * KIB);
});

Deno.test("highWaterBytes() is 100 ms of what is sent, within bounds", () => {
  assertEquals(highWaterBytes(0), 64 * KIB);
  assertEquals(highWaterBytes(1), 16 * KIB);
  assertEquals(highWaterBytes(250_000), 25_000);
  assertEquals(highWaterBytes(5_000_000), 500_000);
  assertEquals(highWaterBytes(1e9), KIB * KIB);
});

Deno.test("FrameQueue sends nothing before it is ready", async () => {
  const ready = Promise.withResolvers<void>();
  const { fake, done, points } = setUp({ ready: ready.promise });
  for (let i = 0; i < 5; i++) points.send(makeFrame(i, 1_000));
  assertEquals(fake.sent, []);
  ready.resolve();
  await ready.promise;
  // Those of the last 250 ms.
  assertEquals(done, [2, 3, 4]);
  assertEquals(points.counters.framesDropped, 2);
});

Deno.test("FrameQueue fills the data channel by how fast it drains", () => {
  for (const [rate, least, most] of [[1e5, 16, 32], [4e6, 370, 412]]) {
    const { fake, points } = setUp({ highWaterBytes });
    points.send(makeFrame(1, 60_000 * KIB));
    let held = 0;
    for (let ms = 5; ms <= 2000; ms += 5) {
      fake.now = ms;
      fake.drain(Math.max(0, fake.bufferedAmount - rate * 0.005));
      if (ms > 1000) held = Math.max(held, fake.bufferedAmount);
    }
    assert(held >= least * KIB && held < most * KIB, `${held} at ${rate}`);
  }
});

Deno.test("FrameQueue finishes a frame that it began, whatever comes", () => {
  const { fake, done, points } = setUp();
  points.send(makeFrame(1, 144 * KIB));
  for (let frame = 2; frame < 200; frame++) {
    points.send(makeFrame(frame, 12 * KIB));
  }
  while (fake.bufferedAmount > 0) fake.drain();
  assertEquals(fake.sent.slice(0, 12).every(([first]) => first === 1), true);
  assertEquals(fake.sent.slice(12).some(([first]) => first === 1), false);
  assertEquals(done[0], 1);
});

Deno.test("FrameQueue drops frames that newer ones have overtaken", () => {
  const { fake, done, points } = setUp();
  // The first takes the channel; the others wait, 100 ms apart.
  for (let frame = 1; frame <= 10; frame++) {
    points.send(makeFrame(frame, 120 * KIB));
  }
  assertEquals(points.counters.framesDropped, 6);
  while (fake.bufferedAmount > 0) fake.drain();
  assertEquals(done, [1, 8, 9, 10]);
  assertEquals(points.counters.framesSent, 4);
  assertEquals(points.counters.framesDropped, 6);
});

Deno.test("FrameQueue drops at the span that it was given", () => {
  const spans = { 0: [1, 6], 100: [1, 6], 101: [1, 5, 6], 300: [1, 4, 5, 6] };
  for (const [maxQueuedMs, expected] of Object.entries(spans)) {
    const { fake, done, points } = setUp({ maxQueuedMs: Number(maxQueuedMs) });
    for (let frame = 1; frame <= 6; frame++) {
      points.send(makeFrame(frame, 120 * KIB));
    }
    while (fake.bufferedAmount > 0) fake.drain();
    assertEquals(done, expected, maxQueuedMs);
  }
});

Deno.test("FrameQueue never drops the newest frame", () => {
  const { fake, done, points } = setUp({ maxQueuedMs: 0 });
  points.send(makeFrame(1, 120 * KIB));
  points.send(makeFrame(2, 120 * KIB, 1e15));
  while (fake.bufferedAmount > 0) fake.drain();
  assertEquals(done, [1, 2]);
});

Deno.test("FrameQueue begins no frame before its turn", () => {
  const begun: number[] = [];
  const { fake, points } = setUp({
    begin({ number, points, encoded }) {
      begun.push(number);
      return { points, messages: splitF32(encoded, 12 * KIB) };
    },
  });
  for (const frame of [1, 4, 7]) points.send(makeFrame(frame, 120 * KIB));
  assertEquals(begun, [1]);
  while (fake.bufferedAmount > 0) fake.drain();
  assertEquals(begun, [1, 7]);
});

Deno.test("FrameQueue holds a bounded number of frames, whatever the clock does", () => {
  const clocks: Record<string, (i: number) => number> = {
    "goes on": (i) => i * 50,
    "is set back": (i) => i < 10 ? 1e9 + i * 50 : i * 50,
    "runs backwards": (i) => -i * 50,
    "is broken": () => NaN,
  };
  for (const [name, clock] of Object.entries(clocks)) {
    const { points } = setUp();
    for (let i = 0; i < 1000; i++) {
      points.send(makeFrame(i, 120 * KIB, clock(i)));
    }
    // One in progress, and those of a quarter of a second.
    assert(points.queuedBytes <= 6 * 120 * KIB, `a clock that ${name}`);
    const { framesSent, framesDropped } = points.counters;
    assert(framesSent + framesDropped >= 994, `a clock that ${name}`);
  }
});

Deno.test("FrameQueue holds no more over time on a network ten times too slow", () => {
  const { fake, done, points } = setUp({ highWaterBytes });
  const BYTES = 300 * KIB;
  // Of what 4 frames a second take, each 10 ms.
  const STEP_BYTES = Math.round(BYTES / 250);
  const largest: number[] = [];
  for (let ms = 0; ms < 120_000; ms += 10) {
    fake.now = ms;
    fake.drain(Math.max(0, fake.bufferedAmount - STEP_BYTES));
    if (ms % 250 === 0) points.send(makeFrame(ms / 250 % 256, BYTES, ms));
    const tenth = Math.floor(ms / 12_000);
    largest[tenth] = Math.max(largest[tenth] ?? 0, points.queuedBytes);
  }
  // One in progress, one that waits, and the rest of the one before.
  assert(Math.max(...largest) <= 2 * BYTES + 64 * KIB, `${largest}`);
  assert(largest[9] <= 1.02 * largest[1], `${largest}`);

  const { framesSent, framesDropped } = points.counters;
  assertEquals(framesSent, done.length);
  assert(framesSent >= 46 && framesSent <= 50, `${framesSent} sent`);
  assert(framesDropped >= 480 - framesSent - 2, `${framesDropped} dropped`);
  // Each frame's messages follow each other, and are all of it.
  const messages = done.flatMap((frame) => Array(25).fill([frame, 12 * KIB]));
  assertEquals(fake.sent.slice(0, messages.length), messages);
});

Deno.test("FrameQueue sends what came before the channel opened", async () => {
  const { fake, done, points } = setUp({}, "connecting");
  points.send(makeFrame(1, 12 * KIB));
  points.send(makeFrame(2, 12 * KIB));
  const idle = points.whenIdle();
  assertEquals(fake.sent, []);
  assertEquals(await isSettled(idle), false);
  fake.setState("open");
  assertEquals(done, [1, 2]);
  await idle;
});

Deno.test("whenIdle() resolves when nothing waits and nothing is in progress", async () => {
  const { fake, points } = setUp();
  await points.whenIdle();
  points.send(makeFrame(1, 100 * KIB));
  points.send(makeFrame(2, 100 * KIB));
  const waiting = [points.whenIdle(), points.whenIdle()];
  assertEquals(await isSettled(waiting[0]), false);
  fake.drain();
  assertEquals(await isSettled(waiting[0]), false);
  while (fake.bufferedAmount > 0) fake.drain();
  await Promise.all(waiting);
  await points.whenIdle();
});

Deno.test("FrameQueue counts what the channel's end cuts as dropped", async () => {
  for (const state of ["closing", "closed"] as const) {
    const { fake, done, points } = setUp();
    points.send(makeFrame(1, 12 * KIB));
    for (const frame of [2, 3, 4]) points.send(makeFrame(frame, 120 * KIB));
    const idle = points.whenIdle();
    fake.setState(state);
    await idle;
    assertEquals(done, [1]);
    assertEquals(points.counters.framesDropped, 3);

    const sent = fake.sent.length;
    points.send(makeFrame(5, 12 * KIB));
    fake.drain();
    await points.whenIdle();
    assertEquals(fake.sent.length, sent);
    assertEquals(points.counters.framesDropped, 4);
    assertEquals(points.queuedBytes, 0);
  }
});

Deno.test("FrameQueue takes a frame while it tells of another", () => {
  const fake = new FakeChannel();
  const done: number[] = [];
  const queue: FrameQueue<TestFrame> = new FrameQueue<TestFrame>(fake, {
    sizeOf,
    begin: ({ number, points, encoded }) => ({
      points,
      messages: splitF32(encoded, 12 * KIB),
      onSent() {
        done.push(number);
        if (number < 5) queue.send(makeFrame(number + 1, 6 * KIB));
      },
    }),
  });
  queue.send(makeFrame(1, 6 * KIB));
  assertEquals(done, [1, 2, 3, 4, 5]);
  assertEquals(fake.sent.map(([first]) => first), [1, 2, 3, 4, 5]);
  assertEquals(queue.counters.framesSent, 5);
});

/** Receives the frames of a channel, and waits for one of them. */
function receive(channel: RTCDataChannel) {
  const frames = new Map<number, Uint8Array>();
  const arrivals = new Map<number, PromiseWithResolvers<void>>();
  const arrival = (frame: number) => {
    if (!arrivals.has(frame)) arrivals.set(frame, Promise.withResolvers());
    return arrivals.get(frame)!;
  };
  const invalid = Promise.withResolvers<never>();
  const reassembler = new FrameReassembler({
    onFrame({ number }, bytes) {
      frames.set(number, bytes);
      arrival(number).resolve();
    },
    onInvalid: invalid.reject,
  });
  channel.onMessage.subscribe((message) => {
    reassembler.push(message as Buffer);
  });
  const whenReceived = (frame: number) =>
    Promise.race([arrival(frame).promise, invalid.promise]);
  return { frames, whenReceived };
}

peerTest(
  "FrameQueue delivers every frame whole, over real peers",
  async () => {
    await using pair = await connectPair();
    const received = receive(pair.remote);
    const points = new FrameQueue<TestFrame>(
      frameChannelOf(pair.channel, pair.left),
      {
        begin: beginInChunks(16 * KIB),
        sizeOf,
        maxQueuedMs: Infinity,
      },
    );
    const frames = Array.from(
      { length: 10 },
      () => crypto.getRandomValues(new Uint8Array(60_000)),
    );
    for (const [frame, encoded] of frames.entries()) {
      points.send({ ...makeFrame(frame, encoded.length), encoded });
    }
    await points.whenIdle();
    await received.whenReceived(9);
    assertEquals([...received.frames.keys()], [...frames.keys()]);
    for (const [frame, encoded] of frames.entries()) {
      assert(Buffer.from(encoded).equals(received.frames.get(frame)!));
    }
    assertEquals(points.counters.framesSent, 10);
  },
);

peerTest(
  "FrameQueue offered more than passes drops frames whole, and counts them",
  async () => {
    await using pair = await connectPair();
    const received = receive(pair.remote);
    const points = new FrameQueue<TestFrame>(
      frameChannelOf(pair.channel, pair.left),
      {
        begin: beginInChunks(16 * KIB),
        sizeOf,
      },
    );
    const OFFERED = 60;
    let largest = 0;
    // As if each were captured 100 ms after the one before, but all at once.
    for (let frame = 0; frame < OFFERED; frame++) {
      points.send(makeFrame(frame, 200 * KIB));
      largest = Math.max(largest, points.queuedBytes);
    }
    await points.whenIdle();
    await received.whenReceived(OFFERED - 1);
    const { framesSent, framesDropped } = points.counters;
    assertEquals(framesSent + framesDropped, OFFERED);
    assert(framesDropped > OFFERED / 2, `${framesDropped} dropped`);
    assert(largest <= 6 * 200 * KIB, `${largest} bytes queued`);
    assertEquals(received.frames.size, framesSent);
    for (const [frame, bytes] of received.frames) {
      assertEquals(bytes.length, 200 * KIB);
      assert(bytes.every((byte) => byte === frame));
    }
  },
);

peerTest(
  "FrameQueue ends with the peer, in the middle of a frame",
  async () => {
    await using pair = await connectPair();
    const points = new FrameQueue<TestFrame>(
      frameChannelOf(pair.channel, pair.left),
      {
        begin: beginInChunks(16 * KIB),
        sizeOf,
      },
    );
    points.send(makeFrame(0, 20_000 * KIB));
    points.send(makeFrame(1, 12 * KIB));
    const idle = points.whenIdle();
    const begun = Promise.withResolvers<void>();
    pair.remote.onMessage.subscribe(() => begun.resolve());
    await begun.promise;
    await pair.right.close();
    await idle;
    await whenState(pair.channel, "closed");
    assertEquals(points.counters.framesSent, 0);
    assertEquals(points.counters.framesDropped, 2);
  },
);
