/** Names of codecs as players and browsers know them (RFC 6381). */
import { nalUnits, removeEmulationPrevention } from "./annex_b.ts";
import { describeAv1 } from "./av1.ts";
import type { MediaCodec } from "./frame.ts";
import { h265UnitType } from "./h265.ts";
import { parseVp9Header } from "./vp9.ts";

/** A codec of pictures. */
export type VideoCodec = Exclude<MediaCodec, "opus">;

/** What of an H.265 SPS its codec is named by ends before, bytes. */
const H265_NAMED_BYTES = 32;

/**
 * Names what a stream of pictures is in, by its profile and level where its
 * keyframe tells them. Levels that it doesn't tell are ones that no decoder
 * goes by.
 *
 * @param keyframe as {@linkcode MediaFrame} has it.
 */
export function videoCodecString(
  codec: VideoCodec,
  keyframe: Uint8Array,
): string {
  switch (codec) {
    case "VP8":
      return "vp8";
    case "VP9": {
      const { profile = 0 } = parseVp9Header(keyframe)?.profile ?? {};
      // Profiles 2 and 3 have more than 8 bits.
      return `vp09.0${profile}.31.${profile < 2 ? "08" : "10"}`;
    }
    case "AV1": {
      const { profile = 0 } = describeAv1(keyframe).profile ?? {};
      return `av01.${profile}.08M.08`;
    }
    case "H264": {
      const sps = nalUnits(keyframe).find(([header]) => (header & 0x1f) === 7);
      return `avc1.${(sps ?? Uint8Array.of(7, 66, 0, 31)).slice(1, 4).toHex()}`;
    }
    case "H265": {
      const sps = nalUnits(keyframe)
        .find(([header]) => h265UnitType(header) === 33);
      return (sps && h265String(sps)) ?? "hev1.1.6.L93.B0";
    }
  }
}

/**
 * Names a profile, tier and level of H.265 (ISO/IEC 14496-15 annex E.3).
 *
 * @param sps from its header on; its profile is at H.265 §7.3.3.
 */
function h265String(sps: Uint8Array): string | undefined {
  const bytes = removeEmulationPrevention(sps.subarray(0, H265_NAMED_BYTES));
  // After the NAL unit's header and what counts sub-layers.
  const general = bytes.subarray(3, 15);
  if (general.length < 12) return undefined;
  const [first] = general;
  const space = ["", "A", "B", "C"][first >> 6];
  const tier = first & 0x20 ? "H" : "L";
  const flags = new DataView(general.buffer, general.byteOffset).getUint32(1);
  const constraints = general.slice(5, 11);
  const last = constraints.findLastIndex((byte) => byte !== 0);
  return [
    `hev1.${space}${first & 0x1f}`,
    reverseBits(flags).toString(16).toUpperCase(),
    `${tier}${general[11]}`,
    ...Array.from(
      constraints.subarray(0, last + 1),
      (byte) => byte.toString(16).toUpperCase(),
    ),
  ].join(".");
}

/** The 32 bits of a number, the lowest first. */
function reverseBits(bits: number): number {
  let reversed = 0;
  for (let i = 0; i < 32; i++) reversed = reversed << 1 | bits >>> i & 1;
  return reversed >>> 0;
}
