import type { MediaFrame } from "../media/frame.ts";
import { RTP_VIDEO_TIMEBASE } from "./ivf.ts";

/**
 * For how long frames are left out that need one which was lost, in ticks of 90
 * kHz: there are senders that never make another keyframe.
 */
const MAX_LEFT_OUT_TICKS = 10 * RTP_VIDEO_TIMEBASE.denominator;

/**
 * Tells which frames of a track can be decoded: those before the first keyframe
 * can't, and after a loss none until the next one, for 10 seconds at the most.
 */
export class DecodableFrames {
  #hasBegun = false;
  /** RTP timestamp of the first frame that is left out after a loss. */
  #brokenAt: number | undefined;

  /** Tells it of the next frame, whether what that refers to is there. */
  takes({ keyframe, discontinuity, timestamp }: MediaFrame): boolean {
    if (keyframe) {
      this.#hasBegun = true;
      this.#brokenAt = undefined;
      return true;
    }
    if (!this.#hasBegun) return false;
    if (discontinuity) this.#brokenAt ??= timestamp;
    if (this.#brokenAt === undefined) return true;
    // A sender may set its clock back.
    const ticks = Math.abs((timestamp - this.#brokenAt) | 0);
    if (ticks < MAX_LEFT_OUT_TICKS) return false;
    this.#brokenAt = undefined;
    return true;
  }
}
