/** Targets for what comes over RTP and RTCP, and real packets for them. */
import { assert, assertEquals } from "@std/assert";
import { parseRtp } from "../../lib/media/rtp.ts";
import { Arrivals } from "../../lib/transport/rtp/arrivals.ts";
import {
  nack,
  readRtcp,
  transportWideFeedback,
} from "../../lib/transport/rtp/rtcp.ts";
import {
  extensionOf,
  writeHeader,
} from "../../lib/transport/rtp/rtp_header.ts";
import { SentPackets } from "../../lib/transport/rtp/sent_packets.ts";
import { readTransportFeedback } from "../../lib/transport/rtp/transport_feedback.ts";
import { makePath } from "../transport/rtp/open_path.ts";
import { VIDEO_SECTION } from "../transport/rtp/section.ts";

/** Feedback of all sorts on the stream of an SSRC. */
export function feedbackPackets(ssrc: number): Uint8Array[] {
  const arrivals = new Arrivals();
  const packets = [nack(1, ssrc, [65_534, 65_535, 0, 7, 40])];
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 40; i++) {
      // Some are missing, some late, some much.
      if (i % (2 + round) === 1) continue;
      arrivals.add(40 * round + (i ^ (round & 1)), 100 * round + i * i);
    }
    for (const body of arrivals.take()) {
      packets.push(transportWideFeedback(1, ssrc, body));
    }
  }
  return packets;
}

/** A packet as it is sent, with extensions, and as it is sent again. */
export function disguise(bytes: Uint8Array, index: number): Uint8Array[] {
  const packet = parseRtp(bytes)!;
  const header = (payloadType: number, ssrc: number, id: number) =>
    writeHeader({ ...packet, payloadType, ssrc }, [{
      id,
      value: index,
      bytes: 2,
    }]);
  const { payload, sequenceNumber } = packet;
  const original = [sequenceNumber >> 8, sequenceNumber & 0xff];
  return [
    Uint8Array.of(...header(96, 5, index % 2 === 0 ? 3 : 30), ...payload),
    Uint8Array.of(...header(97, 6, 3), ...original, ...payload),
  ];
}

const isUint = (value: number, bits: number) =>
  Number.isInteger(value) && value >= 0 && value < 2 ** bits;

/** Reads a compound; it tells of no more than can be in so many bytes. */
export function readAllRtcp(bytes: Uint8Array): void {
  let [told, nacked] = [0, 0];
  readRtcp(bytes, {
    senderReport(report) {
      told++;
      assert(report.ntpTimestamp >= 0n && isUint(report.rtpTimestamp, 32));
    },
    reportBlock({ ssrc, fractionLost, lost }) {
      told++;
      assert(isUint(ssrc, 32) && fractionLost >= 0 && fractionLost < 1);
      assert(isUint(lost + 2 ** 23, 24));
    },
    nack(ssrc, numbers) {
      nacked += numbers.length;
      assert(isUint(ssrc, 32));
      assert(numbers.every((number) => isUint(number, 16)));
    },
    keyframeRequest(ssrc) {
      told++;
      assert(isUint(ssrc, 32));
    },
    transportFeedback(body) {
      told++;
      readFeedback(body);
    },
    bye(ssrc) {
      told++;
      assert(isUint(ssrc, 32));
    },
  });
  assert(told <= bytes.length / 4, `${told} of ${bytes.length} bytes`);
  assert(nacked <= 1_040, `${nacked} packets are asked for`);
}

export function readFeedback(body: Uint8Array): void {
  const feedback = readTransportFeedback(body, 2 ** 16);
  const sent = new SentPackets();
  for (let i = 0; i < 100; i++) sent.add(100, i);
  const delivery = sent.acknowledge(body);
  assertEquals(delivery === undefined, feedback === undefined);
  if (feedback === undefined || delivery === undefined) return;
  const { arrivals } = feedback;
  assert(arrivals.length <= 8_192);
  assert(arrivals.every((at) => at === undefined || Number.isFinite(at)));
  assert(delivery.delivered.length + delivery.lost <= 100);
}

/** What comes one after the other on a connection. */
export function takeOnPath(datagrams: Uint8Array[]): void {
  using made = makePath();
  const frames = made.receive();
  made.receive({ kind: "audio", mid: "a", codecs: new Map([[111, "opus"]]) });
  const stream = made.path.addStream({ ...VIDEO_SECTION, codec: undefined });
  for (const datagram of datagrams) {
    for (const id of [1, 3, 30]) {
      const value = extensionOf(datagram, id);
      assert((value?.length ?? 0) <= datagram.length);
    }
    const payload = datagram.subarray(0, 1_000);
    const marker = true;
    stream.send({ sequenceNumber: 1, timestamp: 1, marker, payload });
    if (datagram[1] >= 192 && datagram[1] <= 223) made.packets.rtcp(datagram);
    else made.packets.rtp(datagram);
  }
  const bytes = frames.reduce((sum, { data }) => sum + data.length, 0);
  const came = datagrams.reduce((sum, { length }) => sum + length, 0);
  assert(bytes <= came, `${bytes} bytes of ${came}`);
  const { repeated, nacks } = stream.counters;
  assert(repeated <= 12 * datagrams.length && nacks <= 400 * datagrams.length);
}
