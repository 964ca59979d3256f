/** Which sections of an offer can be used, each looked at alone. */
import type { MediaCodec, MediaKind } from "../../media/frame.ts";
import { codecsOf, encodingsOf, KIND_OF, type OfferedCodec } from "./codecs.ts";
import { directionOf, mediaLineOf } from "./section.ts";

/** What an offer is held against. */
export interface OfferRules {
  /**
   * The codecs of the tracks that the peer is to be sent, `undefined` for one
   * that can't be; each goes to the first section that takes it.
   * @default {none: the peer is who sends, in any codec of ours}
   */
  tracks?: readonly (MediaCodec | undefined)[];
}

/** What can be done with a section. */
export interface Judgement {
  /** Why it is not used, a clause; nothing where it can be. */
  why?: string;
  /** Codecs of ours in it, those that can be used; none in one for data. */
  codecs: OfferedCodec[];
}

/** Names of the codecs, for people. */
export const CODEC_NAMES: Record<MediaCodec, string> = {
  VP8: "VP8",
  H264: "H.264",
  opus: "Opus",
};

/**
 * Judges one section.
 *
 * @param direction that all sections have which don't give their own.
 * @param isBundled whether it is in a BUNDLE group.
 */
export function judge(
  section: readonly string[],
  { tracks }: OfferRules,
  { direction = "sendrecv", isBundled }: {
    direction?: ReturnType<typeof directionOf>;
    isBundled: boolean;
  },
): Judgement {
  const { kind, port, protocol } = mediaLineOf(section);
  const unused = (why: string): Judgement => ({ why, codecs: [] });
  const isBundleOnly = isBundled && section.includes("a=bundle-only");
  if (port === 0 && !isBundleOnly) return unused("the offer has it off");
  if (kind === "application") {
    return /DTLS\/SCTP$/.test(protocol)
      ? { codecs: [] }
      : unused(`data over ${protocol.slice(0, 40)} is not taken`);
  }
  if (kind !== "audio" && kind !== "video") {
    return unused("it is of no kind that is taken");
  }
  if (!isRtp(protocol)) {
    return unused(`media over ${protocol.slice(0, 40)} is not taken`);
  }
  const codecs = codecsOf(section)
    .filter(({ takesAll }) => tracks === undefined || takesAll);
  if (codecs.length === 0) {
    return unused(`it offers ${encodingsOf(section)}, and none is taken`);
  }
  const own = directionOf(section) ?? direction;
  if (tracks === undefined) {
    return /^send/.test(own) ? { codecs } : { why: "it sends nothing", codecs };
  }
  if (!/^(sendrecv|recvonly)$/.test(own)) {
    return { why: "it takes nothing", codecs };
  }
  return codecs.some(({ codec }) => tracks.includes(codec))
    ? { codecs }
    : { why: whyNoTrack(kind, tracks), codecs };
}

/** Whether the protocol of a media line is RTP (RFC 8829 section 5.1.2). */
export function isRtp(protocol: string): boolean {
  return /(^|\/)RTP\/S?AVPF?$/.test(protocol);
}

type Tracks = NonNullable<OfferRules["tracks"]>;

function whyNoTrack(kind: MediaKind, tracks: Tracks): string {
  const names = namesOfTracks(tracks, kind);
  return names === ""
    ? `the session has no ${kind}`
    : `the session's ${kind} is ${names}`;
}

/** Names the codecs of the tracks of some kinds, for people. */
export function namesOfTracks(
  tracks: Tracks,
  ...kinds: MediaKind[]
): string {
  const codecs = tracks.filter((codec) => codec !== undefined)
    .filter((codec) => kinds.includes(KIND_OF[codec]));
  return [...new Set(codecs)].map((codec) => CODEC_NAMES[codec]).join(", ");
}
