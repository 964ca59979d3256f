import { assertEquals } from "@std/assert";
import { float32Fields } from "../../lib/points/cloud.ts";
import type { RtpPacketView } from "../../lib/media/rtp.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import { HeldBytes } from "../../lib/limits/held_bytes.ts";
import { Feed, type FeedSink } from "../../lib/session/feed.ts";

function frame(number: number): EncodedFrame {
  return {
    number,
    codec: "f32",
    points: 1,
    captureTime: number,
    ...float32Fields(["x", "y", "z"]),
    width: 1,
    height: 1,
    bytes: new Uint8Array(12),
    stream: "points",
  };
}

function packet(sequenceNumber: number, payload: number[]): RtpPacketView {
  return {
    sequenceNumber,
    timestamp: 3000 * sequenceNumber,
    marker: true,
    payload: Uint8Array.from(payload),
  };
}

const KEY = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0];
const INTER = [0x10, 1, 0, 0];

/** A sink that writes down what it is given. */
function recorder() {
  const said: string[] = [];
  const sink: FeedSink = {
    onFrame: ({ number }) => said.push(`frame ${number}`),
    onPacket: (track, { sequenceNumber }) =>
      said.push(`packet ${track}:${sequenceNumber}`),
    onClock: (track, { rtpTimestamp }) =>
      said.push(`clock ${track}:${rtpTimestamp}`),
  };
  return { said, sink };
}

Deno.test("Feed keeps the newest frame of each stream", () => {
  const held = new HeldBytes(1_000, () => {});
  const feed = new Feed(undefined, held);
  const inStream = (stream: string, number: number, bytes: number) => ({
    ...frame(number),
    bytes: new Uint8Array(bytes),
    stream,
  });
  feed.frame(inStream("front", 100, 300));
  assertEquals(held.left, 1_000);
  feed.frame(inStream("rear", 100, 200));
  feed.frame(inStream("front", 200, 300));
  feed.frame(inStream("rear", 150, 100));
  assertEquals(held.left, 900);
  assertEquals(
    feed.streams.map(({ name, newest: { number }, framesPerSecond }) => ({
      ...{ name, number, framesPerSecond },
    })),
    [
      { name: "front", number: 200, framesPerSecond: 10 },
      { name: "rear", number: 150, framesPerSecond: 20 },
    ],
  );
  assertEquals([feed.shareOf("front"), feed.shareOf("rear")], [0.6, 0.4]);
  const said: string[] = [];
  feed.join({
    onFrame: ({ stream, number }) => said.push(`${stream} ${number}`),
    onPacket: () => {},
    onClock: () => {},
  });
  assertEquals(said, ["front 200", "rear 150"]);
});

/** A feed of one video and one audio track, and the keyframes asked for. */
function makeFeed() {
  const feed = new Feed();
  const asked: string[] = [];
  for (
    const [kind, codec, clockRate] of [
      ["video", "VP8", 90_000],
      ["audio", "opus", 48_000],
    ] as const
  ) {
    const requestKeyframe = () => void asked.push(kind);
    feed.addTrack({ kind, codec, clockRate, requestKeyframe });
  }
  return { feed, asked };
}

Deno.test("Feed hands on to all, as long as they watch", () => {
  const { feed } = makeFeed();
  const [a, b] = [recorder(), recorder()];
  const joined = feed.join(a.sink);
  feed.join(b.sink);
  assertEquals(feed.watchers, 2);
  feed.frame(frame(1));
  feed.packet(1, packet(7, [1]));
  feed.clock(1, { ntpTimestamp: 1n, rtpTimestamp: 5 });
  joined[Symbol.dispose]();
  assertEquals(feed.watchers, 1);
  feed.frame(frame(2));
  assertEquals(a.said, ["frame 1", "packet 1:7", "clock 1:5"]);
  assertEquals(b.said, [...a.said, "frame 2"]);
});

Deno.test("Feed tells how often frames come, by their own clock", () => {
  const { feed } = makeFeed();
  const captured = (number: number, captureTime: number) =>
    feed.frame({ ...frame(number), captureTime });
  captured(1, 1_000);
  assertEquals(feed.stream("points")?.framesPerSecond, undefined);
  captured(2, 1_250);
  assertEquals(feed.stream("points")?.framesPerSecond, 4);
  // It was set back.
  captured(3, 500);
  assertEquals(feed.stream("points")?.framesPerSecond, 4);
});

Deno.test("Feed keeps the counts of those who left", () => {
  const { feed } = makeFeed();
  const counts = {
    ...{ framesSent: 3, framesDropped: 1, bytesSent: 30 },
    tracksUntaken: 1,
  };
  const [a, b] = [recorder(), recorder()].map(({ sink }) =>
    feed.join({ ...sink, forwarded: counts })
  );
  feed.join(recorder().sink);
  const both = {
    ...{ framesSent: 6, framesDropped: 2, bytesSent: 60 },
    tracksUntaken: 2,
  };
  assertEquals(feed.forwarded, both);
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  assertEquals(feed.forwarded, both);
  b[Symbol.dispose]();
  assertEquals(feed.forwarded, both);
});

Deno.test("A late sink gets the newest cloud, the clocks, and a picture", () => {
  const { feed, asked } = makeFeed();
  feed.frame(frame(1));
  feed.frame(frame(2));
  feed.packet(0, packet(1, INTER));
  feed.packet(0, packet(2, KEY));
  feed.packet(0, packet(3, INTER));
  feed.packet(1, packet(9, [1]));
  feed.clock(0, { ntpTimestamp: 1n, rtpTimestamp: 6000 });
  const late = recorder();
  feed.join(late.sink);
  assertEquals(late.said, [
    "clock 0:6000",
    "packet 0:2",
    "packet 0:3",
    "frame 2",
  ]);
  assertEquals(asked, []);
});

Deno.test("Where there is no picture to begin with, one is asked for", () => {
  const { feed, asked } = makeFeed();
  feed.packet(0, packet(1, INTER));
  feed.join(recorder().sink);
  assertEquals(asked, ["video"]);
});
