import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { MediaSourceEvents } from "../../lib/media/media_source.ts";
import type { MediaTrack } from "../../lib/media/media_track.ts";
import type { SenderReport } from "../../lib/media/rtp_clock.ts";
import { MediaRelay } from "../../lib/publishing/media_relay.ts";
import { turn } from "../fake_clock.ts";

const VIDEO: MediaTrack = { kind: "video", codec: "VP8", clockRate: 90_000 };
const AUDIO: MediaTrack = { kind: "audio", codec: "opus", clockRate: 48_000 };

/** Payloads of one packet: a descriptor and the start of a frame (RFC 7741). */
const KEYFRAME = [0x10, 0, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0];
const INTERFRAME = [0x10, 1, 0, 0];
/** Goes on with a frame. */
const REST = [0x00, 7, 7, 7];
const SOUND = [0xfc, 0xff, 0xfe];

/** An RTP packet (RFC 3550 section 5.1). */
function rtp(payload: number[]): Uint8Array {
  return Uint8Array.of(0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, ...payload);
}

/** A relay of a source that the test plays. */
function setUp() {
  let source: MediaSourceEvents | undefined;
  const relay = new MediaRelay({
    tracks: [VIDEO, AUDIO],
    start: (events) => void (source = events),
  });
  relay.begin();
  return { relay, source: source! };
}

/** A connection that notes what it gets. */
function connection() {
  const packets: [string, Uint8Array][] = [];
  const reports: [string, SenderReport][] = [];
  const events: MediaSourceEvents = {
    onRtp: ({ kind }, packet) => packets.push([kind, packet]),
    onSenderReport: ({ kind }, report) => reports.push([kind, report]),
  };
  return { packets, reports, events };
}

function report(ntpTimestamp: bigint): SenderReport {
  return { ssrc: 1, ntpTimestamp, rtpTimestamp: 0 };
}

Deno.test("MediaRelay begins each connection with a keyframe", () => {
  const { relay, source } = setUp();
  const first = connection();
  relay.start(first.events);
  const key = rtp(KEYFRAME);
  const next = rtp(INTERFRAME);
  source.onRtp(VIDEO, rtp(INTERFRAME));
  source.onRtp(VIDEO, rtp(REST));
  source.onRtp(VIDEO, key);
  source.onRtp(VIDEO, next);
  assertEquals(first.packets, [["video", key], ["video", next]]);
  assertStrictEquals(first.packets[0][1], key);

  const second = connection();
  relay.start(second.events);
  source.onRtp(VIDEO, rtp(INTERFRAME));
  source.onRtp(VIDEO, key);
  assertEquals(second.packets, [["video", key]]);
  assertEquals(first.packets.length, 2);
});

Deno.test("MediaRelay begins sound with any packet, and no junk", () => {
  const { relay, source } = setUp();
  const { packets, events } = connection();
  relay.start(events);
  source.onRtp(AUDIO, new Uint8Array(3));
  source.onRtp(AUDIO, rtp([]));
  source.onRtp(AUDIO, rtp(SOUND));
  assertEquals(packets, [["audio", rtp(SOUND)]]);
});

Deno.test("MediaRelay drops what comes while there is no connection", () => {
  const { relay, source } = setUp();
  source.onRtp(AUDIO, rtp(SOUND));
  const { packets, events } = connection();
  const started = relay.start(events);
  source.onRtp(AUDIO, rtp(SOUND));
  started[Symbol.dispose]();
  source.onRtp(AUDIO, rtp(SOUND));
  source.onSenderReport?.(AUDIO, report(1n));
  assertEquals(packets.length, 1);
});

Deno.test("MediaRelay goes on where the connection before ends late", () => {
  const { relay, source } = setUp();
  const first = connection();
  const started = relay.start(first.events);
  const second = connection();
  relay.start(second.events);
  started[Symbol.dispose]();
  source.onRtp(AUDIO, rtp(SOUND));
  assertEquals([first.packets.length, second.packets.length], [0, 1]);
});

Deno.test("MediaRelay gives each connection the newest clocks at once", () => {
  const { relay, source } = setUp();
  source.onSenderReport?.(VIDEO, report(1n));
  source.onSenderReport?.(VIDEO, report(2n));
  source.onSenderReport?.(AUDIO, report(3n));
  const { reports, events } = connection();
  relay.start(events);
  assertEquals(reports, [["video", report(2n)], ["audio", report(3n)]]);
  source.onSenderReport?.(VIDEO, report(4n));
  assertEquals(reports.at(-1), ["video", report(4n)]);
});

Deno.test("MediaRelay says when the source's first packet comes", async () => {
  const { relay, source } = setUp();
  let isStarted = false;
  void relay.started.then(() => isStarted = true);
  source.onSenderReport?.(AUDIO, report(1n));
  await turn();
  assertEquals(isStarted, false);
  source.onRtp(AUDIO, rtp(SOUND));
  await turn();
  assertEquals(isStarted, true);
});

Deno.test("MediaRelay throws what its source throws as it starts", () => {
  const relay = new MediaRelay({
    tracks: [VIDEO],
    start() {
      throw new Error("There is no camera");
    },
  });
  assertThrows(() => relay.begin(), Error, "There is no camera");
});

Deno.test("MediaRelay keeps nobody waiting for what waits for points", async () => {
  for (const awaitsPoints of [true, false]) {
    const relay = new MediaRelay({
      ...{ tracks: [VIDEO], start: () => {}, awaitsPoints },
    });
    relay.begin();
    let hasStarted = false;
    void relay.started.then(() => hasStarted = true);
    await turn();
    assertEquals(hasStarted, awaitsPoints);
  }
});
