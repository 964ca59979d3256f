import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  useH264,
  useNACK,
  useOPUS,
  usePLI,
  useSdesMid,
  useTransportWideCC,
  useTWCC,
  useVP8,
} from "werift";
import { settlesWithin } from "../async.ts";
import type { Intake } from "../limits/intake.ts";
import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import { ConnectionError } from "./errors.ts";
import { installDataPath, refusalOf } from "./install.ts";
import type { OfferOrigin } from "./ice/probation.ts";
import type { NetworkOptions } from "./network.ts";
import { PLAYOUT_DELAY_URI } from "./rtp/section.ts";
import { onTransport } from "./werift/factories.ts";

/** A video codec by the name that the `--video-codec` option has for it. */
export type VideoCodecName = "vp8" | "h264" | "vp9" | "av1" | "h265";

/** All of them, first those that more peers take. */
const ALL_VIDEO_CODECS: readonly VideoCodecName[] = [
  ...["vp8", "h264", "vp9", "av1", "h265"] as const,
];

export interface PeerOptions {
  /**
   * Adds 127.0.0.1 to the candidates, for peers on the same machine and for
   * machines without a network.
   */
  loopback?: boolean;
  /**
   * Largest IP packet that SCTP is given, bytes: what every link on the way
   * takes.
   * @default {1280}, the least that IPv6 allows a link (RFC 8200 section 5), at
   * first; larger ones where the path is found to take them
   */
  mtu?: number;
  /** Servers, ports and candidates. */
  network?: NetworkOptions;
  /**
   * What is known of the offer that it answers: so much is sent to the
   * addresses that it names, until they answer. @default none: it makes one
   */
  origin?: OfferOrigin;
  /** Video codecs in order of preference. @default {all} */
  videoCodecs?: readonly VideoCodecName[];
  /**
   * Called with what the peer sent on data channels and nobody can read, and
   * with what a listener for it threw. @default {console.error}
   */
  onError?(error: unknown): void;
  /**
   * Called with why werift's own data path is used, where it is: what lies
   * behind its public types is not as known. @default {console.warn}
   */
  onStock?(why: string): void;
  /**
   * Called with the largest IP packet to send, bytes, where another one was
   * found. @default {nobody is told}
   */
  onMtu?(mtu: number): void;
  /**
   * Is told what the peer sends, and has us hold.
   * @default {what is held over the limit of a session closes the connection}
   */
  intake?: Intake;
}

/**
 * Longest wait for the addresses that STUN and TURN servers give, milliseconds.
 */
const SERVER_PATIENCE_MS = 2000;

/** Largest IP packet by default, bytes. */
export const DEFAULT_MTU = 1280;

/**
 * Largest data channel message that is announced in our SDP
 * (`a=max-message-size`, RFC 8841), bytes: the largest frame by default. In the
 * original's dialect a message is a whole cloud, and a peer that keeps to what
 * is announced, as aiortc does by now, sends no larger one.
 */
export const MAX_MESSAGE_BYTES = DEFAULT_SESSION_LIMITS.frameBytes;

/** Requests for packets and keyframes, and for what came when. */
const VIDEO_FEEDBACK = { rtcpFeedback: [useNACK(), usePLI(), useTWCC()] };
const AUDIO_FEEDBACK = { rtcpFeedback: [useNACK(), useTWCC()] };

/**
 * The formats of each codec. What goes as it comes is offered in the profiles
 * that take the most.
 */
const VIDEO_CODECS: Record<VideoCodecName, () => RTCRtpCodecParameters[]> = {
  vp8: () => [useVP8(VIDEO_FEEDBACK)],
  h264: () => [useH264(VIDEO_FEEDBACK)],
  vp9: () =>
    [0, 2].map((profile) => videoCodec("VP9", `profile-id=${profile}`)),
  av1: () => [videoCodec("AV1", "profile=2;level-idx=31;tier=1")],
  h265: () => [
    videoCodec("H265", "profile-id=2;level-id=186;tier-flag=1;tx-mode=SRST"),
  ],
};

function videoCodec(name: string, parameters: string): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({
    mimeType: `video/${name}`,
    clockRate: 90_000,
    parameters,
    ...VIDEO_FEEDBACK,
  });
}

/** The formats of a codec, each with its retransmissions (RFC 4588). */
function withRepeats(name: VideoCodecName): RTCRtpCodecParameters[] {
  return VIDEO_CODECS[name]().flatMap((format) => [
    format,
    new RTCRtpCodecParameters({ mimeType: "video/rtx", clockRate: 90_000 }),
  ]);
}

/**
 * Makes a peer connection; only the STUN and TURN servers named are asked.
 *
 * @throws {ConnectionError} `failed` where werift is not as known, and the
 * connection would not be safe. A description, track or data channel may throw
 * it later.
 */
export function createPeer(options: PeerOptions = {}): RTCPeerConnection {
  const { loopback = false, videoCodecs = ALL_VIDEO_CODECS } = options;
  const { iceServers = [], iceTransport, udpPorts } = options.network ?? {};
  // In all sections of a bundle an identifier means the same.
  const extensions = [useSdesMid(), useTransportWideCC()];
  const playoutDelay = new RTCRtpHeaderExtensionParameters({
    uri: PLAYOUT_DELAY_URI,
  });
  const peer = new RTCPeerConnection({
    iceServers: [...iceServers],
    iceTransportPolicy: iceTransport,
    icePortRange: udpPorts && [...udpPorts],
    iceAdditionalHostAddresses: loopback ? ["127.0.0.1"] : undefined,
    iceUseTcp: false,
    // Else each track would gather on sockets of its own, which werift leaves
    // open when the answer bundles them (RFC 9143).
    bundlePolicy: "max-bundle",
    maxMessageSize: MAX_MESSAGE_BYTES,
    codecs: {
      audio: [useOPUS(AUDIO_FEEDBACK)],
      video: videoCodecs.flatMap(withRepeats),
    },
    headerExtensions: {
      audio: extensions,
      video: [...extensions, playoutDelay],
    },
  });
  const hasStunServer = iceServers.some(({ urls }) => urls.startsWith("stun:"));
  onTransport(peer, ({ ice }) => {
    if (!hasStunServer) ice.askNoStunServer();
    // A description has all candidates: one server that doesn't answer would
    // keep it for 5 s and longer.
    if (iceServers.length > 0) ice.limitGathering(SERVER_PATIENCE_MS);
  });
  installDataPath(peer, {
    mtu: options.mtu ?? DEFAULT_MTU,
    searchesMtu: options.mtu === undefined,
    origin: options.origin,
    onError: options.onError ?? console.error,
    onStock: options.onStock ?? console.warn,
    onMtu: options.onMtu,
    intake: options.intake,
  });
  return peer;
}

/**
 * Waits until ICE and DTLS are up.
 *
 * @throws {ConnectionError} `timeout`, `failed` or `closed`.
 * @throws the signal's reason when it is aborted.
 */
export async function whenConnected(
  peer: RTCPeerConnection,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  const { timeoutMs, signal } = options;
  const connected = Promise.withResolvers<void>();
  const check = () => {
    const state = peer.connectionState;
    if (state === "connected") connected.resolve();
    else if (state === "failed" || state === "closed") {
      connected.reject(
        refusalOf(peer) ??
          new ConnectionError(state, `The connection ${state}`),
      );
    }
  };
  const { unSubscribe } = peer.connectionStateChange.subscribe(check);
  check();
  try {
    if (await settlesWithin(timeoutMs, connected.promise, signal)) return;
  } finally {
    unSubscribe();
  }
  const why = "no UDP packet passes between the two, or the other side is gone";
  throw new ConnectionError(
    "timeout",
    `No connection within ${timeoutMs / 1000} s: ${why}`,
    { why },
  );
}
