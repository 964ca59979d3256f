/** Which sections of an offer can be used, each looked at alone. */
import type { MediaKind } from "../../media/frame.ts";
import { codecsOf, encodingsOf, KIND_OF, type OfferedCodec } from "./codecs.ts";
import { nameOfFormat, takesProfile, type TrackFormat } from "./profiles.ts";
import { directionOf, mediaLineOf } from "./section.ts";

/** What an offer is held against. */
export interface OfferRules {
  /**
   * What the tracks that the peer is to be sent are in, `undefined` for one
   * that can't be; each goes to the first section that takes it.
   * @default {none: the peer is who sends, in any codec of ours}
   */
  tracks?: readonly (TrackFormat | undefined)[];
}

/** What can be done with a section. */
export interface Judgement {
  /** Why it is not used, a clause; nothing where it can be. */
  why?: string;
  /** Codecs of ours in it, those that can be used; none in one for data. */
  codecs: OfferedCodec[];
  /** Whether it would take a track, if it took the track's codec. */
  isOpen?: boolean;
}

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
  const own = directionOf(section) ?? direction;
  const isOpen = /^(sendrecv|recvonly)$/.test(own);
  const codecs = codecsOf(section)
    .filter(({ takesAll }) => tracks === undefined || takesAll);
  if (codecs.length === 0) {
    const why = `it offers ${encodingsOf(section)}, and none is taken`;
    return { ...unused(why), isOpen };
  }
  if (tracks === undefined) {
    return /^send/.test(own) ? { codecs } : { why: "it sends nothing", codecs };
  }
  if (!isOpen) return { why: "it takes nothing", codecs };
  return codecs.some((offered) => tracks.some((track) => takes(offered, track)))
    ? { codecs, isOpen }
    : { why: whyNoTrack(kind, tracks), codecs, isOpen };
}

/** Whether a track can be sent in a format. */
export function takes(
  { codec, profile }: OfferedCodec,
  track: TrackFormat | undefined,
): boolean {
  return codec === track?.codec && takesProfile(codec, profile, track.profile);
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
  const names = tracks.filter((track) => track !== undefined)
    .filter(({ codec }) => kinds.includes(KIND_OF[codec]))
    .map(nameOfFormat);
  return [...new Set(names)].join(", ");
}
