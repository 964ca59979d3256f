import { joinBytes } from "../points/join_bytes.ts";
import { readH264Sps } from "./h264.ts";
import type { MediaCodec } from "./frame.ts";
import type { NutPacket, NutStreamInfo } from "./nut.ts";
import { ParameterSets } from "./parameter_sets.ts";

/** A codec of pictures that can go on as they came. */
export type CopiedCodec = Exclude<MediaCodec, "opus">;

/** What containers call them, in capitals. */
const TAGS: Record<CopiedCodec, readonly string[]> = {
  VP8: ["VP80", "VP08"],
  VP9: ["VP90", "VP09"],
  H264: ["H264", "X264", "AVC1", "AVC3", "DAVC"],
  H265: ["HEVC", "H265", "HVC1", "HEV1"],
  AV1: ["AV01"],
};

/** Every WebRTC endpoint takes these (RFC 7742 section 5). */
const TAKEN_BY_ALL: readonly CopiedCodec[] = ["VP8", "H264"];

/** The codec of a stream; undefined for one that can't go on as it came. */
export function copiedCodecOf(
  { tag }: Pick<NutStreamInfo, "tag">,
): CopiedCodec | undefined {
  const name = tag.toUpperCase();
  return (Object.keys(TAGS) as CopiedCodec[])
    .find((codec) => TAGS[codec].includes(name));
}

/** Whether who watches takes a codec, whoever it is. */
export function isTakenByAll(codec: CopiedCodec): boolean {
  return TAKEN_BY_ALL.includes(codec);
}

/** `profile_idc` of those that browsers decode: baseline, main, high. */
const DECODED_PROFILES = [66, 77, 100];
/** Pictures out of order that are enough to tell. */
const REORDERED = 3;
/** What goes back further begins anew, seconds. */
const REORDER_S = 1;

/** A picture, and whether decoding can begin with it. */
export interface CopiedPicture {
  parts: Uint8Array[];
  isKey: boolean;
}

/** The pictures of one stream, as they go on without being decoded. */
export class CopiedVideo {
  readonly codec?: CopiedCodec;
  /** Why it can't be copied, as half a sentence; none where it can. */
  #whyNot?: string;
  readonly #sets?: ParameterSets;
  #last = -Infinity;
  #reordered = 0;

  constructor(stream: NutStreamInfo) {
    const { extra, decodeDelay, tag } = stream;
    const codec = this.codec = copiedCodecOf(stream);
    if (codec === undefined) {
      this.#whyNot = `it is ${tag || "of an unknown codec"}, and no ` +
        "H.264, H.265, VP8, VP9 or AV1";
    } else if (decodeDelay > 0) this.#whyNot = B_FRAMES;
    if (codec !== "H264" && codec !== "H265") return;
    this.#sets = new ParameterSets(codec, extra);
    if (codec === "H264") this.#whyNot ??= whyNotDecoded(this.#sets.sps);
  }

  /** Why it can't be copied, as far as is known; none where it can. */
  get whyNot(): string | undefined {
    return this.#whyNot;
  }

  /** Takes the next picture; `whyNot` may tell more then. */
  take({ parts, seconds, key }: NutPacket): CopiedPicture {
    const back = this.#last - seconds;
    this.#last = seconds;
    if (back > 0 && back < REORDER_S && ++this.#reordered === REORDERED) {
      this.#whyNot ??= B_FRAMES;
    }
    if (this.#sets === undefined) return { parts, isKey: key };
    const { bytes, isKey } = this.#sets.complete(joinBytes(parts));
    if (key && !isKey) this.#whyNot ??= "it has keyframes that are no IDR";
    return { parts: [bytes], isKey };
  }
}

const B_FRAMES = "it has B-frames";

function whyNotDecoded(sps: Uint8Array | undefined): string | undefined {
  const { profile, isInterlaced } = (sps && readH264Sps(sps)) ?? {};
  if (isInterlaced) return "it is interlaced";
  if (profile === undefined || DECODED_PROFILES.includes(profile)) return;
  return `it is of a profile that browsers don't decode (${profile})`;
}
