import { removeEmulationPrevention } from "./annex_b.ts";
import { BitReader } from "./bit_reader.ts";
import type { PictureSize, VideoProfile } from "./frame.ts";

/** Bytes of a NAL unit's header. */
const HEADER_BYTES = 2;
/** What is read of an SPS ends before, 7 sub-layers and all. */
const MAX_SPS_BYTES = 256;

/** What is read of a sequence parameter set. */
export interface H265Sps extends PictureSize {
  profile: VideoProfile;
}

/**
 * Parses the size of the pictures, cropping applied, and the profile from a
 * sequence parameter set (H.265 §7.3.2.2.1).
 *
 * @param nal The NAL unit from its header on, with emulation prevention.
 * @returns undefined if it ends too early or has values out of range.
 */
export function parseH265Sps(nal: Uint8Array): H265Sps | undefined {
  const head = nal.subarray(HEADER_BYTES, MAX_SPS_BYTES);
  const bits = new BitReader(removeEmulationPrevention(head));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.read(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  const profile = readProfileTierLevel(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chroma = readChroma(bits);
  const width = bits.ue();
  const height = bits.ue();
  const crop = readCropping(bits);
  const size = {
    width: width - chroma.unitX * crop.x,
    height: height - chroma.unitY * crop.y,
  };
  const fits = size.width > 0 && size.height > 0 &&
    size.width <= 0xffff && size.height <= 0xffff;
  return fits && !bits.overrun ? { ...size, profile } : undefined;
}

/** H.265 §7.3.3, of which the general part is kept. */
function readProfileTierLevel(
  bits: BitReader,
  subLayers: number,
): VideoProfile {
  bits.skip(2); // general_profile_space
  const tier = bits.read(1);
  const profile = bits.read(5);
  bits.skip(32 + 48); // compatibility, constraints
  const level = bits.read(8);
  const present = Array.from(
    { length: subLayers },
    () => [bits.read(1), bits.read(1)],
  );
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) {
    bits.skip(88 * hasProfile + 8 * hasLevel);
  }
  return { profile, level, tier };
}

/**
 * Reads the chroma format; the result is what one step of cropping is, in
 * pixels (H.265 table 6-1).
 */
function readChroma(bits: BitReader): { unitX: number; unitY: number } {
  const format = bits.ue();
  if (format === 3) bits.skip(1); // separate_colour_plane_flag
  return {
    unitX: format === 1 || format === 2 ? 2 : 1,
    unitY: format === 1 ? 2 : 1,
  };
}

function readCropping(bits: BitReader): { x: number; y: number } {
  if (!bits.read(1)) return { x: 0, y: 0 };
  const x = bits.ue() + bits.ue();
  return { x, y: bits.ue() + bits.ue() };
}
