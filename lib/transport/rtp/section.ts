import type { RTCPeerConnection, RTCRtpTransceiver } from "werift";
import type { MediaCodec, MediaKind, VideoProfile } from "../../media/frame.ts";
import { codecNamed, parameterOf } from "../sdp/codecs.ts";
import { profileOf } from "../sdp/profiles.ts";
import { type Description, parseDescription } from "../sdp/description.ts";
import { attributeOf, ssrcsOf } from "../sdp/section.ts";
import { streamNameOf } from "../sdp/stream_name.ts";

/** How RTP of one media section travels, as it was negotiated. */
export interface Section {
  kind: MediaKind;
  /** Identifies it in the descriptions, and in packets that say it. */
  mid: string;
  /** What the peer calls the stream of what it sends, where it does. */
  name?: string;
  /** The codec that is sent; undefined where it is none of ours. */
  codec: MediaCodec | undefined;
  /** The profile that was agreed on, of a codec whose profiles differ. */
  profile?: VideoProfile;
  /** Hz of the RTP timestamps. */
  clockRate: number;
  payloadType: number;
  /** Payload type of retransmissions (RFC 4588), where there is one. */
  rtxPayloadType: number | undefined;
  /** The codecs that may come, by payload type. */
  codecs: ReadonlyMap<number, MediaCodec>;
  /** Payload types of retransmissions, and of what they repeat. */
  repeats: ReadonlyMap<number, number>;
  /** Whether the peer takes requests for packets (`nack`). */
  hasNack: boolean;
  /** Whether it takes requests for a keyframe (`nack pli`). */
  hasPli: boolean;
  /** Header extension ids (RFC 8285); undefined where it isn't negotiated. */
  transportWideId: number | undefined;
  midId: number | undefined;
  playoutDelayId: number | undefined;
  /** What is sent has these. */
  ssrc: number;
  rtxSsrc: number;
  /** What comes has these, where the peer says so. */
  remoteSsrcs: readonly number[];
}

export const TRANSPORT_WIDE_URI =
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
export const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";
export const PLAYOUT_DELAY_URI =
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

/** What the other side has described, where it has. */
export function remoteOf(peer: RTCPeerConnection): Description | undefined {
  const { remoteDescription } = peer;
  return remoteDescription
    ? parseDescription(remoteDescription.sdp)
    : undefined;
}

/**
 * Reads what was negotiated for a transceiver of a peer.
 *
 * @param remote what the other side has described, to read it but once.
 */
export function sectionOf(
  peer: RTCPeerConnection,
  transceiver: RTCRtpTransceiver,
  remote: Description | undefined = remoteOf(peer),
): Section {
  const { codecs, headerExtensions, kind, sender } = transceiver;
  const known = new Map<number, MediaCodec>();
  const repeats = new Map<number, number>();
  for (const { name, payloadType, parameters } of codecs) {
    const codec = codecNamed(kind as MediaKind, name);
    if (codec !== undefined) known.set(payloadType, codec);
    const repeated = /\bapt=(\d+)/.exec(parameters ?? "")?.[1];
    if (name.toLowerCase() !== "rtx" || repeated === undefined) continue;
    repeats.set(payloadType, Number(repeated));
  }
  const first = codecs.find(({ payloadType }) => known.has(payloadType));
  const payloadType = first?.payloadType ?? -1;
  const idOf = (uri: string) =>
    headerExtensions.find((extension) =>
      // Others don't fit into a header (RFC 8285 section 4.3).
      extension.uri === uri && extension.id > 0 && extension.id < 256
    )?.id;
  const accepts = (type: string, parameter?: string) =>
    first?.rtcpFeedback.some((feedback) =>
      feedback.type === type && feedback.parameter === parameter
    ) ?? false;
  const mid = transceiver.mid ?? "";
  const codec = known.get(payloadType);
  const parameters = first?.parameters ?? "";
  const described = remote?.sections.find((lines) =>
    attributeOf(lines, "mid") === mid
  );
  return {
    kind: kind as MediaKind,
    mid,
    name: streamNameOf(described ?? []),
    codec,
    profile: codec && profileOf(codec, (name) => parameterOf(parameters, name)),
    clockRate: first?.clockRate ?? 0,
    payloadType,
    rtxPayloadType: [...repeats].find(([, of]) => of === payloadType)?.[0],
    codecs: known,
    repeats,
    hasNack: accepts("nack"),
    hasPli: accepts("nack", "pli"),
    transportWideId: idOf(TRANSPORT_WIDE_URI),
    midId: idOf(MID_URI),
    playoutDelayId: idOf(PLAYOUT_DELAY_URI),
    ssrc: sender.ssrc,
    rtxSsrc: sender.rtxSsrc,
    remoteSsrcs: [...ssrcsOf(described ?? []).keys()],
  };
}

/** Whether the peer of a transceiver sends on it. */
export function isSent(transceiver: RTCRtpTransceiver): boolean {
  const { pendingRejection, stopped } = transceiver;
  if (stopped || pendingRejection) return false;
  // As seen from here; the answer's, where there is one.
  const direction = transceiver.currentDirection ?? transceiver.offerDirection;
  return direction === "recvonly" || direction === "sendrecv";
}
