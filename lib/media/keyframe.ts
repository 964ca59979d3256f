import { beginsAv1Keyframe } from "./av1.ts";
import type { MediaCodec } from "./frame.ts";
import { beginsH264Keyframe } from "./h264.ts";
import { beginsH265Keyframe } from "./h265.ts";
import { beginsVp8Keyframe } from "./vp8.ts";
import { beginsVp9Keyframe } from "./vp9.ts";

type BeginsKeyframe = (payload: Uint8Array) => boolean;

const BEGINS: Record<MediaCodec, BeginsKeyframe> = {
  VP8: beginsVp8Keyframe,
  VP9: beginsVp9Keyframe,
  H264: beginsH264Keyframe,
  H265: beginsH265Keyframe,
  AV1: beginsAv1Keyframe,
  opus: () => true,
};

/**
 * Tells whether decoding can start with this RTP payload: it is the first of a
 * keyframe, or of its parameter sets. Any Opus packet can be the first.
 */
export function beginsKeyframe(
  codec: MediaCodec,
  payload: Uint8Array,
): boolean {
  return payload.length > 0 && BEGINS[codec](payload);
}
