import type { MediaCodec } from "./frame.ts";
import { readH264Payload } from "./h264.ts";
import { parseVp8Payload } from "./vp8.ts";
import { isVp8Disposable } from "./vp8_reference.ts";

/** NAL unit type of a slice of a picture that isn't an IDR. */
const SLICE = 1;

/**
 * Tells whether the frame that begins with this RTP payload may be left out
 * without harm to any other: a frame of an upper temporal layer.
 */
export function beginsDisposable(
  codec: MediaCodec,
  payload: Uint8Array,
): boolean {
  if (payload.length === 0) return false;
  switch (codec) {
    case "opus":
      return false;
    case "VP8": {
      const part = parseVp8Payload(payload);
      // With picture numbers, one that is left out would be waited for.
      if (part === undefined || part.pictureId !== undefined) return false;
      if (!part.partitionStart || part.partition !== 0) return false;
      return part.nonReference || isVp8Disposable(part.data);
    }
    case "H264": {
      const part = readH264Payload(payload);
      if (part === undefined || part.begins === "never") return false;
      const [head, rest] = part.data;
      const unit = head.length > 4 ? head[4] : rest[0];
      return (unit & 0x1f) === SLICE && (unit >> 5 & 3) === 0;
    }
  }
}
