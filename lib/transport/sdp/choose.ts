/** What is left of the codecs of an offer's sections. */
import type { OfferedCodec } from "./codecs.ts";
import { type Judgement, type OfferRules, takes } from "./judge.ts";

/** A section while it is decided upon. */
export interface Candidate extends Judgement {
  /** Its lines, as they were offered. */
  section: readonly string[];
  mid: string;
  kind: string;
  /** What is left of its codecs; nothing where it is rejected. */
  chosen?: OfferedCodec[];
  track?: number;
  /** Whether it is answered though no codec in it is ours. */
  isStandIn?: boolean;
}

/**
 * Most sections of media that something comes or goes through: each costs
 * werift a millisecond, and every other session of the Worker waits meanwhile.
 */
const MAX_MEDIA_SECTIONS = 16;

/** Decides which codec each section is left with, and which track it gets. */
export function choose(
  all: Candidate[],
  { tracks }: OfferRules,
): void {
  const left = tracks?.map((format, index) => ({ format, index })) ?? [];
  let hasData = false;
  let media = 0;
  for (const each of all) {
    const { kind, codecs } = each;
    if (kind === "application" && each.why === undefined) {
      if (hasData) each.why = "there is one for data already";
      hasData = true;
      continue;
    }
    if (codecs.length === 0) continue;
    if (media === MAX_MEDIA_SECTIONS) {
      each.why ??= `there are ${MAX_MEDIA_SECTIONS} of media before it`;
      continue;
    }
    media++;
    if (tracks === undefined) {
      // The peer sends which it likes: packets are told by payload type.
      const names = new Set(codecs.map(({ codec }) => codec));
      each.chosen = [...names].map((name) =>
        preferred(codecs.filter(({ codec }) => codec === name))
      );
      continue;
    }
    each.chosen = [preferred(codecs)];
    if (each.why !== undefined) continue;
    const next = left.findIndex(({ format }) =>
      codecs.some((offered) => takes(offered, format))
    );
    if (next < 0) {
      each.why = `the session has no more ${kind}`;
      continue;
    }
    const [{ format, index }] = left.splice(next, 1);
    each.track = index;
    const usable = codecs.filter((offered) => takes(offered, format));
    // Of those that take more than is sent, the one that is for just that.
    const profile = format?.profile?.profile;
    each.chosen = [
      usable.find((offered) => offered.profile?.profile === profile) ??
        usable[0],
    ];
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
