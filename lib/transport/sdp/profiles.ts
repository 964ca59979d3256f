/** What formats say of the profile of their codec, and who takes which. */
import type { MediaCodec, VideoProfile } from "../../media/frame.ts";

/** What a track is sent in. */
export interface TrackFormat {
  codec: MediaCodec;
  /** Of the stream, once it is known. */
  profile?: VideoProfile;
}

/** Names of the codecs, for people. */
export const CODEC_NAMES: Record<MediaCodec, string> = {
  VP8: "VP8",
  VP9: "VP9",
  H264: "H.264",
  H265: "H.265",
  AV1: "AV1",
  opus: "Opus",
};

/** Levels and profiles that nothing is said of: RFC 7798 section 7.1. */
const H265_MAIN = 1;
const H265_MAIN_10 = 2;
const H265_MAIN_STILL = 3;
const H265_LEVEL_3_1 = 93;

/**
 * Reads the profile that a format is for: of VP9 by RFC 9628 section 6, of
 * H.265 by RFC 7798 section 7.1, of AV1 by section 7.2 of its payload format.
 * Of other codecs all profiles are one.
 *
 * @param parameter gives the value of a parameter (`a=fmtp`).
 */
export function profileOf(
  codec: MediaCodec,
  parameter: (name: string) => string | undefined,
): VideoProfile | undefined {
  const number = (name: string, otherwise: number) => {
    const text = parameter(name)?.trim() ?? "";
    return /^\d{1,5}$/.test(text) ? Number(text) : otherwise;
  };
  switch (codec) {
    case "VP9":
      return { profile: number("profile-id", 0) };
    case "AV1":
      return { profile: number("profile", 0) };
    case "H265": {
      const level = number("level-id", H265_LEVEL_3_1);
      return {
        profile: number("profile-id", H265_MAIN),
        level: number("max-recv-level-id", level),
        tier: number("tier-flag", 0),
      };
    }
    default:
      return undefined;
  }
}

/**
 * Tells whether one who offers a format of a codec can decode a stream of it.
 *
 * @param offered what the format is for.
 * @param sent what the stream is of; nothing is known where it is undefined.
 */
export function takesProfile(
  codec: MediaCodec,
  offered: VideoProfile | undefined,
  sent: VideoProfile | undefined,
): boolean {
  if (offered === undefined || sent === undefined) return true;
  switch (codec) {
    case "AV1":
      // Each profile has all tools of those below it (AV1 section A.2).
      return offered.profile >= sent.profile;
    case "H265":
      return takesH265(offered, sent);
    default:
      return offered.profile === sent.profile;
  }
}

function takesH265(offered: VideoProfile, sent: VideoProfile): boolean {
  const { level = Infinity, tier = 0 } = offered;
  if ((sent.level ?? 0) > level || (sent.tier ?? 0) > tier) return false;
  // H.265 section A.3.
  const further = {
    [H265_MAIN]: [H265_MAIN_STILL],
    [H265_MAIN_10]: [H265_MAIN, H265_MAIN_STILL],
  }[offered.profile] ?? [];
  return [offered.profile, ...further].includes(sent.profile);
}

/** Names a profile, for people; empty for a codec that has none. */
export function nameOfProfile(
  codec: MediaCodec,
  profile: VideoProfile | undefined,
): string {
  if (profile === undefined) return "";
  const { level, tier } = profile;
  const more = codec !== "H265" || level === undefined
    ? ""
    : ` at level ${level / 30}${tier ? ", high tier" : ""}`;
  return `profile ${profile.profile}${more}`;
}

/** Names what a track is in, for people. */
export function nameOfFormat({ codec, profile }: TrackFormat): string {
  const name = nameOfProfile(codec, profile);
  return CODEC_NAMES[codec] + (name === "" ? "" : ` (${name})`);
}
