import type { MediaCodec } from "./frame.ts";
import { firstUnitOf } from "./h264.ts";
import { beginsFrame, parseVp8Payload } from "./vp8.ts";
import { isVp8Disposable } from "./vp8_reference.ts";

/** NAL unit type of a slice of a picture that isn't an IDR. */
const SLICE = 1;

/**
 * Tells whether the frame that begins with this RTP payload may be left out
 * without harm to any other: a frame of an upper temporal layer. Of VP9, H.265
 * and AV1 none is taken for one: all layers go on as they come.
 */
export function beginsDisposable(
  codec: MediaCodec,
  payload: Uint8Array,
): boolean {
  if (payload.length === 0) return false;
  switch (codec) {
    case "opus":
    case "VP9":
    case "H265":
    case "AV1":
      return false;
    case "VP8": {
      const part = parseVp8Payload(payload);
      // With picture numbers, one that is left out would be waited for.
      if (part === undefined || part.pictureId !== undefined) return false;
      if (!beginsFrame(part)) return false;
      return part.nonReference || isVp8Disposable(part.data);
    }
    case "H264": {
      const unit = firstUnitOf(payload);
      if (unit === undefined) return false;
      return (unit & 0x1f) === SLICE && (unit >> 5 & 3) === 0;
    }
  }
}
