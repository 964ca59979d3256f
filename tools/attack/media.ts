/** RTP that makes a server hold more than it was sent, or look for long. */
import { setTimeout as delay } from "node:timers/promises";
import type { RTCRtpTransceiver } from "werift";
import { writeHeader } from "../../lib/transport/rtp/rtp_header.ts";
import { type Section, sectionOf } from "../../lib/transport/rtp/section.ts";
import { type Attack, SLACK_MIB } from "./attack.ts";
import { HostilePeer } from "./hostile_peer.ts";

/** What a track may make the server hold: packets for late watchers, MiB. */
const TRACK_MIB = 16;
/** Packets that are sent at once. */
const BURST = 64;
const SSRC = 0x1234;
/** SSRCs that a peer may have. */
const SSRCS = 64;

/** What changes from packet to packet. */
interface Packet {
  payloadType?: number;
  sequenceNumber: number;
  ssrc?: number;
  payload: Uint8Array;
}

/** Makes an attack of packets, each made of how many went before. */
function floodOf(
  name: string,
  about: string,
  make: (turn: number, section: Section) => Packet,
): Attack {
  return {
    name,
    about,
    budget: SLACK_MIB + TRACK_MIB,
    async run(context) {
      let transceiver: RTCRtpTransceiver;
      await using peer = await HostilePeer.connect(context, {
        prepare: (peer) =>
          transceiver = peer.addTransceiver("video", { direction: "sendonly" }),
      });
      const section = sectionOf(peer.peer, transceiver!);
      const { srtp } = peer.transport;
      const deadline = performance.now() + context.seconds * 1000;
      for (let turn = 0; peer.isAlive && performance.now() < deadline;) {
        for (let i = 0; i < BURST; i++) {
          const { payload, ...fields } = make(turn++, section);
          const header = writeHeader({
            ...{ payloadType: section.payloadType, ssrc: SSRC },
            ...{ timestamp: 1, marker: false, ...fields },
          });
          const datagram = srtp.protect(header, payload)!;
          peer.sent.requests++;
          peer.sent.bytes += datagram.length;
          srtp.send(datagram);
        }
        await delay(1);
      }
      return peer.sent;
    },
  };
}

/** A VP8 payload in the middle of a frame, with so many bytes of it. */
const middle = (bytes: number) => new Uint8Array(1 + bytes);
/** The first one of a frame. */
const first = Uint8Array.of(0x10, 1);

export const MEDIA_ATTACKS: readonly Attack[] = [
  floodOf(
    "rtp-tiny",
    "packets with one byte of a picture that has no end",
    (turn) => ({
      sequenceNumber: turn & 0xffff,
      payload: turn === 0 ? first : middle(1),
    }),
  ),
  floodOf(
    "rtp-holes",
    "large packets, every second one missing, each pair in reverse",
    (turn) => ({
      sequenceNumber: 2 * (turn ^ 1) & 0xffff,
      payload: middle(1_100),
    }),
  ),
  floodOf(
    "rtp-ssrcs",
    "packets of 64 SSRCs in turn, with holes",
    (turn) => ({
      ssrc: SSRC + turn % SSRCS,
      sequenceNumber: 2 * Math.floor(turn / SSRCS) & 0xffff,
      payload: middle(200),
    }),
  ),
  floodOf(
    "rtp-repeats",
    "retransmissions of packets that nobody asked for",
    (turn, { rtxPayloadType }) => ({
      payloadType: rtxPayloadType,
      ssrc: SSRC + 1,
      sequenceNumber: turn & 0xffff,
      payload: Uint8Array.of(turn * 7 >> 8, turn * 7, ...middle(200)),
    }),
  ),
];
