import type { MediaCodec, MediaKind } from "./frame.ts";

/** One track of a media source, as it goes out. */
export interface MediaTrack {
  /** What it is called, where it is one of several. */
  readonly name?: string;
  /** Picture or sound. */
  kind: MediaKind;
  /** How it is encoded. */
  codec: MediaCodec;
  /** Hz of the RTP timestamps. */
  clockRate: number;
}
