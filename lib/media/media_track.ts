import type { MediaCodec, MediaKind } from "./frame.ts";

/** One track of a media source, as it goes out. */
export interface MediaTrack {
  /** Picture or sound. */
  kind: MediaKind;
  /** How it is encoded. */
  codec: MediaCodec;
  /** Hz of the RTP timestamps. */
  clockRate: number;
}
