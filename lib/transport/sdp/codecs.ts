/** The codecs of a media section, and how all but one are taken out of it. */
import type { MediaCodec, MediaKind, VideoProfile } from "../../media/frame.ts";
import { nameOfProfile, profileOf } from "./profiles.ts";
import {
  DIRECTIONS,
  type MediaLine,
  mediaLineOf,
  withoutAttributes,
  writeMediaLine,
} from "./section.ts";

/** Attributes of one format, or of all (`*`): which, of which, and what. */
const OF_FORMAT = /^a=(rtpmap|fmtp|rtcp-fb):(\S+) ([^]*)$/;

/** A codec of ours in a section. */
export interface OfferedCodec {
  codec: MediaCodec;
  /** RTP payload type. */
  format: string;
  /**
   * Whether all of its payloads may be sent to the peer: of H.264 those of
   * packetization mode 1, fragments and aggregates among them (RFC 6184 section
   * 6.2).
   */
  takesAll: boolean;
  /** The profile that it is for, of a codec whose profiles differ. */
  profile: VideoProfile | undefined;
}

/** RFC 4855 media types, in lower case, to ours. */
const CODECS: Record<MediaKind, Map<string, MediaCodec>> = {
  video: new Map([
    ["vp8", "VP8"],
    ["vp9", "VP9"],
    ["h264", "H264"],
    ["h265", "H265"],
    ["av1", "AV1"],
  ]),
  audio: new Map([["opus", "opus"]]),
};

/** The codec of ours that a media subtype names, in any case. */
export function codecNamed(
  kind: MediaKind,
  name: string,
): MediaCodec | undefined {
  return CODECS[kind].get(name.toLowerCase());
}

/** Of each of our codecs, whether it is picture or sound. */
export const KIND_OF: Record<MediaCodec, MediaKind> = {
  VP8: "video",
  VP9: "video",
  H264: "video",
  H265: "video",
  AV1: "video",
  opus: "audio",
};

/** What a section says of its formats: of each, what is said first. */
class Formats {
  readonly line: MediaLine;
  readonly #encodings = new Map<string, string>();
  readonly #parameters = new Map<string, string>();

  constructor(section: readonly string[]) {
    this.line = mediaLineOf(section);
    for (const line of section) {
      const [, kind, format, value] = OF_FORMAT.exec(line) ?? [];
      const values = kind === "rtpmap"
        ? this.#encodings
        : kind === "fmtp"
        ? this.#parameters
        : undefined;
      if (values?.has(format) === false) values.set(format, value);
    }
  }

  /** The encoding name of a format (RFC 8866 section 6.6). */
  encodingOf(format: string): string | undefined {
    return this.#encodings.get(format)?.split("/", 1)[0];
  }

  /** 0 where nothing is said (RFC 6184 section 8.1). */
  packetizationMode(format: string): number {
    return Number(this.parameterOf(format, "packetization-mode") ?? 0);
  }

  /** Whether NAL units of H.265 come as they are decoded, in one stream. */
  isPlainH265(format: string): boolean {
    const mode = this.parameterOf(format, "tx-mode") ?? "SRST";
    const distance = this.parameterOf(format, "sprop-max-don-diff") ?? "0";
    return mode.toUpperCase() === "SRST" && Number(distance) === 0;
  }

  /** The format that one sends again; none where it is for something else. */
  repeatedBy(format: string): string | undefined {
    if (this.encodingOf(format)?.toLowerCase() !== "rtx") return undefined;
    return this.parameterOf(format, "apt");
  }

  parameterOf(format: string, name: string): string | undefined {
    return parameterOf(this.#parameters.get(format) ?? "", name);
  }
}

/** A parameter of a format, of the value of its `a=fmtp`. */
export function parameterOf(
  parameters: string,
  name: string,
): string | undefined {
  for (const parameter of parameters.split(";")) {
    const [key, value] = parameter.split("=", 2);
    if (key.trim().toLowerCase() === name) return value?.trim() ?? "";
  }
  return undefined;
}

/** Finds the codecs of ours in a section, in its order. */
export function codecsOf(section: readonly string[]): OfferedCodec[] {
  const formats = new Formats(section);
  const { kind } = formats.line;
  if (kind !== "audio" && kind !== "video") return [];
  return formats.line.formats.flatMap((format): OfferedCodec[] => {
    const codec = codecNamed(kind, formats.encodingOf(format) ?? "");
    if (codec === undefined) return [];
    const mode = codec === "H264" ? formats.packetizationMode(format) : 1;
    // Interleaved mode (2) sends NAL units in another order.
    if (mode > 1) return [];
    if (codec === "H265" && !formats.isPlainH265(format)) return [];
    const profile = profileOf(
      codec,
      (name) => formats.parameterOf(format, name),
    );
    return [{ codec, format, takesAll: mode === 1, profile }];
  });
}

/** Most names that are listed of a section's formats, and letters of each. */
const MAX_NAMES = 8;
const MAX_NAME = 24;

/** Names what a section offers besides repairs, for people: `VP9, AV1`. */
export function encodingsOf(section: readonly string[]): string {
  const formats = new Formats(section);
  const names = formats.line.formats.map((format) => {
    const name = formats.encodingOf(format)?.slice(0, MAX_NAME);
    if (name === undefined) return `payload type ${format.slice(0, 8)}`;
    const codec = codecNamed("video", name);
    if (codec === "H264") {
      const mode = formats.packetizationMode(format);
      return `${name} (packetization-mode ${mode})`;
    }
    const profile = codec &&
      profileOf(codec, (name) => formats.parameterOf(format, name));
    if (codec === undefined || profile === undefined) return name;
    return `${name} (${nameOfProfile(codec, profile)})`;
  });
  const different = [...new Set(names)]
    .filter((name) => !/^(rtx|red|ulpfec|flexfec.*)$/i.test(name));
  const more = different.length > MAX_NAMES ? ", …" : "";
  return different.slice(0, MAX_NAMES).join(", ") + more || "nothing";
}

/**
 * Leaves some formats in a section, each with its retransmissions (RFC 4588)
 * where those are offered. One who lists one codec in an answer is sent that
 * one (RFC 3264 section 6.1).
 */
export function keepFormats(
  section: readonly string[],
  kept: readonly string[],
): string[] {
  const formats = new Formats(section);
  const all = new Set(kept);
  for (const format of kept) {
    const repeats = formats.line.formats.find((each) =>
      formats.repeatedBy(each) === format
    );
    if (repeats !== undefined) all.add(repeats);
  }
  return [
    writeMediaLine({
      ...formats.line,
      formats: formats.line.formats.filter((format) => all.has(format)),
    }),
    ...section.slice(1).filter((line) => {
      const [, , of] = OF_FORMAT.exec(line) ?? [];
      return of === undefined || of === "*" || all.has(of);
    }),
  ];
}

const OURS = { video: "VP8/90000", audio: "opus/48000/2" };

/**
 * Makes a section whose first format is said to be of a codec of ours, so that
 * werift answers it, and through which nothing goes.
 */
export function asStandIn(section: readonly string[]): string[] {
  const line = mediaLineOf(section);
  const [format] = line.formats;
  return [
    writeMediaLine({ ...line, formats: [format] }),
    ...withoutFormats(withoutAttributes(section.slice(1), ...DIRECTIONS)),
    `a=rtpmap:${format} ${OURS[line.kind as MediaKind]}`,
    "a=inactive",
  ];
}

/** The lines without what they say of formats. */
export function withoutFormats(lines: readonly string[]): string[] {
  return lines.filter((line) => !OF_FORMAT.test(line));
}

/** The `a=rtpmap` line of a format. */
export function rtpmapOf(
  section: readonly string[],
  format: string,
): string | undefined {
  return section.find((line) => line.startsWith(`a=rtpmap:${format} `));
}
