import type { MediaCodec, MediaKind } from "./frame.ts";

/** One track of a media source, as it goes out. */
export interface MediaTrack {
  kind: MediaKind;
  codec: MediaCodec;
  /** Hz of the RTP timestamps. */
  clockRate: number;
}
