/**
 * What is taken of an offer that others wrote, and what its answer says of the
 * rest.
 */
import type { MediaKind } from "../../media/frame.ts";
import {
  bundlesOf,
  withBundle,
  withCandidates,
  withTransport,
} from "./bundle.ts";
import type { Place } from "./answer.ts";
import { keepFormat, KIND_OF, type OfferedCodec } from "./codecs.ts";
import { type Description, SdpError } from "./description.ts";
import {
  CODEC_NAMES,
  judge,
  type Judgement,
  type OfferRules,
} from "./judge.ts";
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

/** An offer as werift is to see it, and what its answer is finished with. */
export interface PreparedOffer {
  /** The sections that are answered, all on one transport. */
  description: Description;
  /** The sections that are not used, in the order of the offer. */
  unused: UnusedSection[];
  /** By the name of a section in `description`, the track that it gets. */
  tracks: ReadonlyMap<string, number>;
  /** All sections of the offer. */
  places: readonly Place[];
}

/** Thrown for an offer that nothing could come or go through. */
export class UnusableOfferError extends Error {
  override readonly name = "UnusableOfferError";
}

/** A section while it is decided upon. */
interface Candidate extends Judgement {
  /** Its lines, as they were offered. */
  section: readonly string[];
  mid: string;
  kind: string;
  /** What is left of its codecs; none in one for data. */
  chosen?: OfferedCodec;
  track?: number;
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
 * - Of each section's codecs one is left, with its retransmissions: the peer
 *   must then send that one (RFC 3264 section 6.1).
 * - Simulcast (RFC 8853) is not asked for, so that one stream comes.
 * - Sections have names, a direction, and what their transport is said by.
 * - One transport is made: what is not in a BUNDLE group with the first section
 *   that can be used isn't.
 *
 * @throws {SdpError} where two sections have one name.
 * @throws {UnusableOfferError} where nothing of it can be used; it names what
 * is taken.
 */
export function prepareOffer(
  offer: Description,
  rules: OfferRules = {},
): PreparedOffer {
  const bundles = bundlesOf(offer);
  const bundleOf = (mid: string) => bundles.find((mids) => mids.includes(mid));
  const direction = directionOf(offer.session);
  const mids = namesOf(offer);
  const all = offer.sections.map((section, index): Candidate => {
    const mid = mids[index];
    const isBundled = bundleOf(mid) !== undefined;
    const judgement = judge(section, rules, { direction, isBundled });
    const { kind } = mediaLineOf(section);
    return { ...judgement, section, mid, kind };
  });
  const first = all.find(({ why }) => why === undefined);
  const bundle = first && (bundleOf(first.mid) ?? [first.mid]);
  for (const each of all) {
    if (bundle?.includes(each.mid)) continue;
    each.why ??= "it is not in a BUNDLE group with the others";
    each.codecs = [];
  }
  choose(all, rules);
  if (all.every(({ why }) => why !== undefined)) throw unusable(all, rules);
  const answered = all.filter((each) =>
    each.why === undefined || each.chosen !== undefined
  );
  const tag = all.find(({ mid }) => mid === bundle?.[0]) ?? first!;
  return {
    description: {
      session: withBundle(
        offer.session,
        bundles.length === 0
          ? []
          : bundle!.filter((mid) => answered.some((each) => each.mid === mid)),
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
    places: all.map((each) => ({
      section: each.section,
      isAnswered: answered.includes(each),
    })),
  };
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

/** Decides which codec each section is left with, and which track it gets. */
function choose(all: Candidate[], { tracks }: OfferRules): void {
  const left = tracks?.map((codec, index) => ({ codec, index })) ?? [];
  let hasData = false;
  for (const each of all) {
    const { kind, codecs } = each;
    if (kind === "application" && each.why === undefined) {
      if (hasData) each.why = "there is one for data already";
      hasData = true;
      continue;
    }
    if (codecs.length === 0) continue;
    if (tracks === undefined || each.why !== undefined) {
      each.chosen = preferred(codecs);
      continue;
    }
    const next = left.findIndex(({ codec }) =>
      codecs.some((offered) => offered.codec === codec)
    );
    if (next < 0) {
      each.why = whyNoTrack(each, tracks);
      each.chosen = preferred(codecs);
      continue;
    }
    const [{ codec, index }] = left.splice(next, 1);
    each.track = index;
    each.chosen = codecs.find((offered) => offered.codec === codec);
  }
}

/**
 * The first codec of an offer, of it the format that may be cut into packets of
 * any size.
 */
function preferred(codecs: OfferedCodec[]): OfferedCodec {
  const [first] = codecs;
  return codecs.find(({ codec, takesAll }) =>
    codec === first.codec && takesAll
  ) ?? first;
}

function whyNoTrack(
  { kind, codecs }: Candidate,
  tracks: NonNullable<OfferRules["tracks"]>,
): string {
  const names = namesOfTracks(tracks, kind as MediaKind);
  if (names === "") return `the session has no ${kind}`;
  return codecs.some(({ codec }) => tracks.includes(codec))
    ? `the session has no more ${kind}`
    : `the session's ${kind} is ${names}`;
}

function namesOfTracks(
  tracks: NonNullable<OfferRules["tracks"]>,
  ...kinds: MediaKind[]
): string {
  const codecs = tracks.filter((codec) => codec !== undefined)
    .filter((codec) => kinds.includes(KIND_OF[codec]));
  return [...new Set(codecs)].map((codec) => CODEC_NAMES[codec]).join(", ");
}

/** A section as werift is to see it. */
function prepareSection(
  { section, mid, chosen }: Candidate,
  { tag, session, index }: {
    tag: Candidate;
    session: readonly string[];
    index: number;
  },
): string[] {
  const isOwn = tag.section === section;
  let lines = chosen === undefined
    ? [...section]
    : keepFormat(section, chosen.format);
  lines = withoutAttributes(lines, "bundle-only", "simulcast", "rid");
  const media = mediaLineOf(lines);
  if (media.port === 0) lines[0] = writeMediaLine({ ...media, port: 9 });
  if (attributeOf(lines, "mid") === undefined) lines.push(`a=mid:${mid}`);
  if (chosen !== undefined && directionOf(lines) === undefined) {
    lines.push(`a=${directionOf(session) ?? "sendrecv"}`);
  }
  lines = withTransport(lines, tag.section, session);
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
    ? `VP8, H.264 (packetization-mode 0 or 1) and Opus over RTP, and ${data}, ` +
      "are taken"
    : media === ""
    ? `The session has nothing but points, for ${data}`
    : `The session has ${media} over RTP, and points for ${data}`;
  return new UnusableOfferError(
    `Nothing in the offer can be used: ${named.join("; ")}. ${taken}`,
  );
}
