/** Peers that publish to a host and watch its sessions, over loopback. */
import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import type { Answered, SessionHost } from "../../lib/hosting/session_host.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { splitFrame } from "../../lib/wire/frame.ts";
import { loadMediaTools } from "../transport/media.ts";
import { connectTo, makePeer, offerOf, whenState } from "../transport/pair.ts";
import { Received } from "../watching/received.ts";

const POINTS = { protocol: "pointwire.v1" };
export const REMOTE = "127.0.0.1";

/**
 * When all frames were captured: at no rate, so that none is thinned for a path
 * that a busy machine has look slow.
 */
export const CAPTURE_TIME = 100;

/** A VP8 keyframe's only packet: descriptor, tag, start code, 320 x 240. */
export const KEYFRAME = [0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0];

/** One end of a call with a host. */
export interface Caller extends AsyncDisposable {
  peer: RTCPeerConnection;
  channel: RTCDataChannel;
  answered: Answered;
}

/** Calls a host, and connects. */
async function call(
  ask: (offer: string) => Promise<Answered>,
  prepare: (peer: RTCPeerConnection, channel: RTCDataChannel) => void,
  onNegotiated?: (peer: RTCPeerConnection) => void,
): Promise<Caller> {
  const made = await makePeer();
  const channel = made.peer.createDataChannel("points", POINTS);
  prepare(made.peer, channel);
  const answered = await ask(await offerOf(made.peer));
  await connectTo(made.peer, answered.sdp, () => onNegotiated?.(made.peer));
  await whenState(channel, "open");
  return { ...made, channel, answered };
}

export interface Publisher extends Caller {
  sendFrame(number: number, points: number): Uint8Array;
  sendPacket(sequenceNumber: number): void;
}

/** Publishes to a host, and connects. */
export async function publish(
  host: SessionHost,
  resumes?: string,
): Promise<Publisher> {
  const tools = await loadMediaTools();
  const caller = await call(
    (offer) => host.publish({ offer, remote: REMOTE, resumes }),
    (peer) => void peer.addTransceiver("video", { direction: "sendonly" }),
  );
  const [transceiver] = caller.peer.getTransceivers();
  const stream = tools.stream(caller.peer, transceiver);
  return {
    ...caller,
    sendFrame(frame, points) {
      const values = Float32Array.from({ length: 3 * points }, (_, i) => i);
      const bytes = encodeF32(values.fill(frame, 0, 3));
      const info = {
        number: frame,
        codec: "f32" as const,
        points,
        captureTime: CAPTURE_TIME,
      };
      for (const message of splitFrame(bytes, info, 16_000)) {
        caller.channel.send(Buffer.from(message.buffer));
      }
      return bytes;
    },
    sendPacket(sequenceNumber) {
      stream.send({
        sequenceNumber,
        timestamp: 9 * sequenceNumber,
        marker: true,
        payload: Uint8Array.from(KEYFRAME),
      });
    },
  };
}

/** Watches a session, and connects. */
export async function watch(host: SessionHost, session: string) {
  const received = new Received();
  const tools = await loadMediaTools();
  const caller = await call(
    (offer) => host.watch({ session, offer, remote: REMOTE }),
    (peer, channel) => {
      peer.addTransceiver("video", { direction: "recvonly" });
      received.listen(channel);
    },
    (peer) => received.listenToMedia(tools, peer, peer.getTransceivers()),
  );
  return Object.assign(received, caller);
}
