import type { MediaCodec } from "./frame.ts";
import { firstUnitOf } from "./h264.ts";
import { beginsFrame, parseVp8Header, parseVp8Payload } from "./vp8.ts";

/** NAL unit types that a keyframe begins with (ITU-T H.264 table 7-1). */
const IDR = 5;
const SPS = 7;

/**
 * Tells whether decoding can start with this RTP payload: it is the first of a
 * keyframe, or of its parameter sets. Any Opus packet can be the first.
 */
export function beginsKeyframe(
  codec: MediaCodec,
  payload: Uint8Array,
): boolean {
  if (payload.length === 0) return false;
  switch (codec) {
    case "opus":
      return true;
    case "VP8": {
      const part = parseVp8Payload(payload);
      return part !== undefined && beginsFrame(part) &&
        parseVp8Header(part.data)?.keyframe === true;
    }
    case "H264": {
      const unit = firstUnitOf(payload);
      if (unit === undefined) return false;
      const type = unit & 0x1f;
      return type === SPS || type === IDR;
    }
  }
}
