/**
 * What is taken of an offer that others wrote, and what its answer says of the
 * rest.
 */
import {
  bundlesOf,
  withBundle,
  withCandidates,
  withTransport,
} from "./bundle.ts";
import type { MediaCodec, MediaKind } from "../../media/frame.ts";
import type { Place } from "./answer.ts";
import { type Candidate, choose } from "./choose.ts";
import { asStandIn, encodingsOf, keepFormats, KIND_OF } from "./codecs.ts";
import { type Description, SdpError } from "./description.ts";
import { isRtp, judge, namesOfTracks, type OfferRules } from "./judge.ts";
import { nameOfFormat } from "./profiles.ts";
import { essentialsOf } from "./essentials.ts";
import {
  attributeOf,
  directionOf,
  mediaLineOf,
  withoutAttributes,
  writeMediaLine,
} from "./section.ts";

/** A section of an offer that nothing comes or goes through. */
export interface UnusedSection {
  /** Its name (`a=mid`); null where the offer gives it none. */
  mid: string | null;
  /** Such as `audio`, `video` or `application`. */
  kind: string;
  /** Why, a clause. */
  why: string;
}

/** A track that the peer would be sent, if it took what that is in. */
export interface UntakenTrack {
  /** Its index. */
  track: number;
  /** Picture or sound. */
  kind: MediaKind;
  /** What it is in. */
  codec: MediaCodec;
  /** Why it isn't sent, a clause. */
  reason: string;
}

/** An offer as werift is to see it, and what its answer is finished with. */
export interface PreparedOffer {
  /** The sections that are answered, all on one transport. */
  description: Description;
  /** The sections that are not used, in the order of the offer. */
  unused: UnusedSection[];
  /** By the name of a section in `description`, the track that it gets. */
  tracks: ReadonlyMap<string, number>;
  /** The tracks that nobody takes, though a section of their kind is open. */
  untaken: readonly UntakenTrack[];
  /** All sections of the offer. */
  places: readonly Place[];
}

/** Thrown for an offer that nothing could come or go through. */
export class UnusableOfferError extends Error {
  override readonly name = "UnusableOfferError";
}

/** Longest name or kind of a section that is shown, characters. */
const MAX_SHOWN = 40;
/** Most sections that an error names. */
const MAX_NAMED = 4;

/**
 * Makes of an offer what werift answers well:
 *
 * - Sections that are only in a bundle (`a=bundle-only`, port 0; RFC 9143
 *   section 7.2) are as any other.
 * - Of each section's codecs one is left, with its retransmissions, unless the
 *   rules say otherwise: the peer must then send that one (RFC 3264 section
 *   6.1).
 * - Simulcast (RFC 8853) is not asked for, so that one stream comes.
 * - Sections have names, a direction, and what their transport is said by.
 * - One transport is made: what is not in a BUNDLE group with the first section
 *   that can be used isn't. The section that the bundle is named after is
 *   answered even where nothing goes through it: libwebrtc takes no answer to a
 *   bundle without it.
 *
 * @throws {SdpError} where two sections have one name.
 * @throws {UnusableOfferError} where nothing of it can be used; it names what
 * is taken.
 */
export function prepareOffer(
  offer: Description,
  rules: OfferRules = {},
): PreparedOffer {
  const mids = namesOf(offer);
  const bundles = bundlesOf(offer, new Set(mids));
  const bundleOf = (mid: string) => bundles.find((bundle) => bundle.has(mid));
  const direction = directionOf(offer.session);
  const all = offer.sections.map((section, index): Candidate => {
    const mid = mids[index];
    const isBundled = bundleOf(mid) !== undefined;
    const judgement = judge(section, rules, { direction, isBundled });
    const { kind } = mediaLineOf(section);
    return { ...judgement, section, mid, kind };
  });
  const first = all.find(({ why }) => why === undefined);
  const bundle = first && (bundleOf(first.mid) ?? new Set([first.mid]));
  for (const each of all) {
    if (bundle?.has(each.mid)) continue;
    each.why ??= "it is not in a BUNDLE group with the others";
    each.codecs = [];
  }
  choose(all, rules);
  if (all.every(({ why }) => why !== undefined)) throw unusable(all, rules);
  const [tagged] = bundle!;
  const tag = all.find(({ mid }) => mid === tagged) ?? first!;
  tag.isStandIn = canStandIn(tag);
  const answered = all.filter((each) =>
    each.why === undefined || each.chosen !== undefined || each.isStandIn
  );
  return {
    description: {
      session: withBundle(
        essentialsOf(offer.session),
        bundles.length === 0
          ? []
          : [...bundle!].filter((mid) =>
            answered.some((each) => each.mid === mid)
          ),
      ),
      sections: answered.map((each, index) =>
        prepareSection(each, { tag, session: offer.session, index })
      ),
    },
    unused: all.flatMap(({ section, kind, why }) =>
      why === undefined ? [] : [{
        mid: attributeOf(section, "mid")?.slice(0, MAX_SHOWN) ?? null,
        kind: kind.slice(0, MAX_SHOWN),
        why,
      }]
    ),
    tracks: new Map(
      all.flatMap(({ mid, track }) =>
        track === undefined ? [] : [[mid, track]]
      ),
    ),
    untaken: untakenOf(all, rules),
    places: all.map((each) => ({
      section: each.section,
      isAnswered: answered.includes(each),
      isStandIn: each.isStandIn === true,
    })),
  };
}

/** The tracks that none takes, though a section of their kind is open. */
function untakenOf(all: Candidate[], { tracks = [] }: OfferRules) {
  const taken = new Set(all.map(({ track }) => track));
  return tracks.flatMap((format, track): UntakenTrack[] => {
    if (format === undefined || taken.has(track)) return [];
    const { codec } = format;
    const kind = KIND_OF[codec];
    const open = all.find((each) =>
      each.kind === kind && each.isOpen && each.track === undefined
    );
    if (open === undefined) return [];
    const reason =
      `the ${kind} is ${nameOfFormat(format)}, and the offer has ` +
      encodingsOf(open.section);
    return [{ track, kind, codec, reason }];
  });
}

/**
 * The names of the sections: their own, or numbers that none of them has.
 *
 * @throws {SdpError} where two have one.
 */
function namesOf({ sections }: Description): string[] {
  const own = sections.map((section) => attributeOf(section, "mid"));
  const taken = new Set<string>();
  for (const mid of own) {
    if (mid === undefined) continue;
    if (taken.has(mid)) {
      throw new SdpError(
        `Two sections of the offer have the name ${mid.slice(0, MAX_SHOWN)}`,
      );
    }
    taken.add(mid);
  }
  let number = 0;
  return own.map((mid) => {
    if (mid !== undefined) return mid;
    while (taken.has(`${number}`)) number++;
    return `${number++}`;
  });
}

/** Whether a section is one of media that can be answered as inactive. */
function canStandIn({ section, kind, why, chosen }: Candidate): boolean {
  const { port, protocol } = mediaLineOf(section);
  return why !== undefined && chosen === undefined && port !== 0 &&
    (kind === "audio" || kind === "video") && isRtp(protocol);
}

/** A section as werift is to see it. */
function prepareSection(
  { section, mid, chosen, isStandIn = false }: Candidate,
  { tag, session, index }: {
    tag: Candidate;
    session: readonly string[];
    index: number;
  },
): string[] {
  const isOwn = tag.section === section;
  let lines = isStandIn
    ? asStandIn(section)
    : chosen === undefined
    ? [...section]
    : keepFormats(section, chosen.map(({ format }) => format));
  lines = withoutAttributes(lines, "bundle-only", "simulcast", "rid");
  const media = mediaLineOf(lines);
  if (media.port === 0) lines[0] = writeMediaLine({ ...media, port: 9 });
  if (attributeOf(lines, "mid") === undefined) lines.push(`a=mid:${mid}`);
  if (chosen !== undefined && directionOf(lines) === undefined) {
    lines.push(`a=${directionOf(session) ?? "sendrecv"}`);
  }
  lines = withTransport(essentialsOf(lines), tag.section, session);
  return index === 0 && !isOwn ? withCandidates(lines, tag.section) : lines;
}

function unusable(all: Candidate[], { tracks }: OfferRules): Error {
  const named = all.slice(0, MAX_NAMED).map(({ mid, kind, why }) =>
    `section ${mid.slice(0, MAX_SHOWN)} (${kind.slice(0, MAX_SHOWN)}): ${why}`
  );
  if (all.length > MAX_NAMED) named.push(`and ${all.length - MAX_NAMED} more`);
  const data = "a data channel (UDP/DTLS/SCTP)";
  const media = tracks && namesOfTracks(tracks, "video", "audio");
  const taken = media === undefined
    ? "VP8, VP9, H.264 (packetization-mode 0 or 1), H.265 (tx-mode SRST), AV1 " +
      `and Opus over RTP, and ${data}, are taken`
    : media === ""
    ? `The session has nothing but points, for ${data}`
    : `The session has ${media} over RTP, and points for ${data}`;
  return new UnusableOfferError(
    `Nothing in the offer can be used: ${named.join("; ")}. ${taken}`,
  );
}
