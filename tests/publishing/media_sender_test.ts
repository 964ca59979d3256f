import { assert, assertEquals, assertLess } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { MediaSourceEvents } from "../../lib/media/media_source.ts";
import type { MediaTrack } from "../../lib/media/media_track.ts";
import { testWith } from "../support.ts";

/** Two seconds past the NTP epoch, as a 64-bit NTP timestamp. */
const NTP = 2n << 32n;

const VIDEO: MediaTrack = { kind: "video", codec: "VP8", clockRate: 90_000 };
const AUDIO: MediaTrack = { kind: "audio", codec: "opus", clockRate: 48_000 };

testWith(
  [],
  "MediaSender's reports keep audio and video on the source's clock",
  async () => {
    // Loaded here: werift can't be imported without permissions.
    const { MediaSender } = await import(
      "../../lib/publishing/media_sender.ts"
    );
    const { createPeer, whenConnected } = await import(
      "../../lib/transport/peer.ts"
    );
    const { rtpPathOf } = await import("../../lib/transport/install.ts");
    const { sectionOf } = await import("../../lib/transport/rtp/section.ts");
    const { MediaReceiver } = await import(
      "../../lib/transport/rtp/media_receiver.ts"
    );
    let events: MediaSourceEvents | undefined;
    const sending = createPeer({ loopback: true, videoCodecs: ["vp8"] });
    const receiving = createPeer({ loopback: true });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => sending.close());
    cleanup.defer(() => receiving.close());
    const sender = new MediaSender(sending, {
      tracks: [VIDEO, AUDIO],
      start: (given) => void (events = given),
    });
    const reports = {
      video: Promise.withResolvers<bigint>(),
      audio: Promise.withResolvers<bigint>(),
    };
    await sending.setLocalDescription(await sending.createOffer());
    await receiving.setRemoteDescription(sending.localDescription!);
    const path = rtpPathOf(receiving)!;
    for (const transceiver of receiving.getTransceivers()) {
      const section = sectionOf(receiving, transceiver);
      path.addReceiver(
        new MediaReceiver({
          section,
          link: path,
          log: createLogger({ level: "error" }),
          onClock({ ntpTimestamp, rtpTimestamp }) {
            // The time at which the source's stream began, as this has it.
            const elapsed = rtpTimestamp / section.clockRate * 2 ** 32;
            const began = ntpTimestamp - BigInt(Math.round(elapsed));
            reports[section.kind].resolve(began);
          },
        }),
      );
    }
    await receiving.setLocalDescription(await receiving.createAnswer());
    await sending.setRemoteDescription(receiving.localDescription!);
    await whenConnected(sending, { timeoutMs: 30_000 });

    sender.start();
    assert(events);
    // Both began at the same time on the source's clock, far from today's.
    for (const track of [VIDEO, AUDIO]) {
      events.onSenderReport?.(track, {
        ssrc: 1,
        ntpTimestamp: NTP,
        rtpTimestamp: 0,
      });
      const offset = track === VIDEO ? 3 : 3.02;
      events.onRtp(track, keyframe(7, offset * track.clockRate));
    }
    await sender.started;
    assertEquals(sender.packets, { video: 1, audio: 1 });
    const video = await reports.video.promise;
    const audio = await reports.audio.promise;
    const apart = Number(video - audio) / 2 ** 32;
    assertLess(Math.abs(apart), 0.000_1, "seconds between the two streams");
    assertLess(Math.abs(Number(video - NTP)) / 2 ** 32, 0.000_1);
  },
);

/** The same with a VP8 keyframe's first bytes, of 320 x 240 pixels. */
function keyframe(sequenceNumber: number, timestamp: number): Uint8Array {
  const payload = [0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0];
  const header = rtp(sequenceNumber, timestamp).subarray(0, 12);
  return Uint8Array.of(...header, ...payload);
}

/** An RTP packet (RFC 3550 section 5.1) of one byte of payload. */
function rtp(sequenceNumber: number, timestamp: number): Uint8Array {
  const packet = new Uint8Array(13);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 96);
  view.setUint16(2, sequenceNumber);
  view.setUint32(4, timestamp);
  view.setUint32(8, 1);
  return packet;
}

testWith([], "MediaSender passes over what is no RTP packet", async () => {
  const { MediaSender } = await import("../../lib/publishing/media_sender.ts");
  const { createPeer } = await import("../../lib/transport/peer.ts");
  let events: MediaSourceEvents | undefined;
  const peer = createPeer({ loopback: true });
  const sender = new MediaSender(peer, {
    tracks: [VIDEO],
    start: (given) => void (events = given),
  });
  sender.start();
  const good = rtp(1, 2);
  // An extension, contributors and padding that go beyond the packet's end.
  const extended = good.slice();
  extended[0] |= 0x10;
  const contributed = good.slice(0, 12);
  contributed[0] |= 0x0f;
  const padded = good.slice();
  padded[0] |= 0x20;
  padded[padded.length - 1] = 200;
  const junk = [new Uint8Array(0), new Uint8Array(12), good.slice(0, 11)];
  for (const packet of [...junk, extended, contributed, padded]) {
    events!.onRtp(VIDEO, packet);
  }
  assertEquals(sender.packets.video, 0);
  events!.onRtp(VIDEO, good);
  assertEquals(sender.packets.video, 1);
  await peer.close();
});
