import type { MediaCodec, MediaKind } from "../../media/frame.ts";

/** Counts of one received track. */
export interface TrackCounters {
  kind: MediaKind;
  /** The codec of the newest packet; null before the first. */
  codec: MediaCodec | null;
  frames: number;
  keyframes: number;
  /** Bytes of the frames. */
  bytes: number;
  packets: number;
  packetsLost: number;
  /** Packets that could not be read. */
  invalid: number;
  /** Pixels, read from the stream; video only. */
  width: number | null;
  height: number | null;
}
