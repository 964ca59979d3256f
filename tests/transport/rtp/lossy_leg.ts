/** A video on its way between two real peers, over a network of ours. */
import type { RTCPeerConnection } from "werift";
import type { MediaReceiver } from "../../../lib/transport/rtp/media_receiver.ts";
import type { SendStream } from "../../../lib/transport/rtp/send_stream.ts";
import { pause, until } from "../../support.ts";
import { loadMediaTools } from "../media.ts";
import {
  answerOf,
  connectTo,
  makePeer,
  offerOf,
  tamperWithDatagrams,
} from "../pair.ts";
import { Camera, numberOf } from "./camera.ts";

/** How long a datagram takes, each way, milliseconds. */
export const DELAY_MS = 20;
/** Time between two frames. */
const FRAME_MS = 20;

/** A datagram of RTP that was handed to the network. */
export interface SeenRtp {
  ssrc: number;
  sequenceNumber: number;
  at: number;
  bytes: number;
}

/** What the network does to media. */
export interface Network {
  /** Whether the RTP datagram is lost; it knows all that were sent so far. */
  losesRtp(datagram: SeenRtp): boolean;
  losesRtcp?(): boolean;
}

export interface LossyLeg extends AsyncDisposable {
  left: RTCPeerConnection;
  right: RTCPeerConnection;
  stream: SendStream;
  receiver: MediaReceiver;
  camera: Camera;
  /** The numbers of the frames that came. */
  frames: number[];
  /** All RTP datagrams that were sent, and how much RTCP. */
  rtp: SeenRtp[];
  rtcp: { packets: number; bytes: number };
  /** When the receiver asked for a keyframe, as the sender heard it. */
  keyframeRequests: number[];
  /** Sends frames at their pace. */
  send(frames: number, packets: number, keyframeEvery?: number): Promise<void>;
  /** Waits for frames to come. */
  until(frames: number): Promise<void>;
}

/**
 * Makes two peers, of which the left one sends a video.
 *
 * @param firstSequenceNumber 32768 and more; random where there is none.
 */
export async function connectLeg(
  network: Network,
  edit: (sdp: string) => string = (sdp) => sdp,
  firstSequenceNumber?: number,
): Promise<LossyLeg> {
  const frames: number[] = [];
  const rtp: SeenRtp[] = [];
  const rtcp = { packets: 0, bytes: 0 };
  const keyframeRequests: number[] = [];
  await using cleanup = new AsyncDisposableStack();
  const tools = await loadMediaTools();
  const left = cleanup.use(await makePeer({ videoCodecs: ["vp8"] })).peer;
  const right = cleanup.use(await makePeer()).peer;
  cleanup.use(tamperWithDatagrams((datagram, pass) => {
    if (isLost(datagram)) return;
    setTimeout(pass, DELAY_MS);
  }));
  const sending = left.addTransceiver("video", { direction: "sendonly" });
  const answer = await answerOf(right, edit(await offerOf(left)));
  await connectTo(left, answer);
  const [transceiver] = right.getTransceivers();
  const receiver = tools.receive(right, transceiver, {
    onFrame: (frame) => frames.push(numberOf(frame)),
  });
  const stream = beginAt(
    firstSequenceNumber,
    () => tools.stream(left, sending),
  );
  stream.onKeyframeRequest = () => keyframeRequests.push(performance.now());
  function isLost(datagram: Uint8Array): boolean {
    // RFC 7983 section 7, RFC 5761 section 4.
    if (datagram[0] < 128 || datagram[0] > 191) return false;
    if (datagram[1] >= 192 && datagram[1] <= 223) {
      rtcp.packets++;
      rtcp.bytes += datagram.length;
      return network.losesRtcp?.() ?? false;
    }
    const view = new DataView(datagram.buffer, datagram.byteOffset);
    const seen = {
      ssrc: view.getUint32(8),
      sequenceNumber: view.getUint16(2),
      at: performance.now(),
      bytes: datagram.length,
    };
    const lost = network.losesRtp(seen);
    rtp.push(seen);
    return lost;
  }
  const camera = new Camera();
  const all = cleanup.move();
  return {
    ...{ left, right, stream, receiver, camera },
    ...{ frames, rtp, rtcp, keyframeRequests },
    async send(count, packets, keyframeEvery = Infinity) {
      for (let i = 0; i < count; i++) {
        const isKeyframe = camera.frames % keyframeEvery === 0;
        camera.frame(packets, isKeyframe || camera.frames === 0)
          .forEach((packet) => stream.send(packet));
        await pause(FRAME_MS);
      }
    },
    until: (count) =>
      until(() => frames.length >= count, {
        what: () => `${count} frames; there are ${frames.length}`,
      }).then(() => {}),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Makes a stream whose first packet has this number, as if by chance. */
function beginAt(number: number | undefined, make: () => SendStream) {
  if (number === undefined) return make();
  const { random } = Math;
  Math.random = () => 1 - 2 ** -20;
  const stream = make();
  Math.random = random;
  // The greatest by chance is 32767; the rest is a hole in the source.
  const [first, last] = new Camera().frame(number - 0x7fff + 1, false)
    .filter((_, i, { length }) => i === 0 || i === length - 1);
  stream.leaveOut(first);
  stream.leaveOut(last);
  return stream;
}

/** Numbers from 0 to 1 that look random and are the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Leaves retransmissions (RFC 4588) out of an offer. */
export function withoutRtx(sdp: string): string {
  const types = [...sdp.matchAll(/^a=rtpmap:(\d+) rtx\//gmi)]
    .map(([, type]) => type);
  return sdp.split("\r\n")
    .filter((line) =>
      !types.some((type) =>
        line.startsWith(`a=rtpmap:${type} `) ||
        line.startsWith(`a=fmtp:${type} `) ||
        line.startsWith(`a=rtcp-fb:${type} `)
      ) && !line.startsWith("a=ssrc-group:FID")
    )
    .map((line) =>
      line.startsWith("m=video")
        ? line.split(" ").filter((word, i) => i < 3 || !types.includes(word))
          .join(" ")
        : line
    )
    .join("\r\n");
}

/** Leaves the requests for packets out of it, too. */
export function withoutNack(sdp: string): string {
  return withoutRtx(sdp).replace(/^a=rtcp-fb:\d+ nack\r\n/gm, "");
}

/** Leaves out feedback on what came. */
export function withoutTransportWide(sdp: string): string {
  return sdp.replace(/^a=rtcp-fb:\d+ transport-cc\r\n/gm, "")
    .replace(/^a=extmap:\d+ [^\r]*transport-wide-cc[^\r]*\r\n/gm, "");
}
