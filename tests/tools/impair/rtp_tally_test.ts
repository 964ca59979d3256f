import { assertEquals } from "@std/assert";
import { RtpTally } from "../../../tools/impair/rtp_tally.ts";

const SDP = [
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=rtpmap:111 opus/48000/2",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
].join("\r\n");

/** A packet of 20 bytes. */
function rtp(
  { type = 96, number, ssrc = 1, marker = false }: {
    type?: number;
    number: number;
    ssrc?: number;
    marker?: boolean;
  },
): Uint8Array {
  const data = new Uint8Array(20);
  const view = new DataView(data.buffer);
  data[0] = 0x80;
  data[1] = type | (marker ? 0x80 : 0);
  view.setUint16(2, number);
  view.setUint32(8, ssrc);
  return data;
}

function tally(packets: Uint8Array[]) {
  const tally = new RtpTally();
  tally.learn(SDP);
  for (const packet of packets) tally.take(packet);
  const { video, audio, repair } = tally.counts;
  return [video.packets, audio.packets, repair.packets];
}

Deno.test("RtpTally counts video and audio by their payload types", () => {
  const tally = new RtpTally();
  tally.learn(SDP);
  tally.take(rtp({ number: 1 }));
  tally.take(rtp({ number: 2, marker: true }));
  tally.take(rtp({ type: 111, number: 1, ssrc: 2 }));
  assertEquals(tally.counts.video, { packets: 2, bytes: 40, marked: 1 });
  assertEquals(tally.counts.audio, { packets: 1, bytes: 20, marked: 0 });
});

Deno.test("RtpTally takes what comes again for repair", () => {
  const again = rtp({ number: 7 });
  assertEquals(tally([rtp({ number: 7 }), again, again]), [1, 0, 2]);
  const inOwnStream = rtp({ type: 97, number: 1, ssrc: 3 });
  assertEquals(tally([rtp({ number: 7 }), inOwnStream]), [1, 0, 1]);
  const otherStream = rtp({ number: 7, ssrc: 9 });
  assertEquals(tally([rtp({ number: 7 }), otherStream]), [2, 0, 0]);
});

Deno.test("RtpTally takes a late packet for new", () => {
  const numbers = [65534, 1, 0, 65535];
  assertEquals(tally(numbers.map((number) => rtp({ number }))), [4, 0, 0]);
});

Deno.test("RtpTally takes a number for new after the circle of them", () => {
  const packets = Array.from(
    { length: 3 * 65_536 },
    (_, i) => rtp({ number: i & 0xffff }),
  );
  assertEquals(tally(packets), [packets.length, 0, 0]);
});

Deno.test("RtpTally passes over what isn't RTP that it knows", () => {
  const stun = new Uint8Array(20);
  const dtls = new Uint8Array(20).fill(22, 0, 1);
  const rtcp = rtp({ number: 1 }).fill(200, 1, 2);
  const unknown = rtp({ type: 33, number: 1 });
  assertEquals(tally([stun, dtls, rtcp, unknown, new Uint8Array(4)]), [
    0,
    0,
    0,
  ]);
});
