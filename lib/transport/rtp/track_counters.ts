import type { MediaCodec, MediaKind } from "../../media/frame.ts";

/** Counts of one received track. */
export interface TrackCounters {
  /** Picture or sound. */
  kind: MediaKind;
  /** What its publisher calls it; null where it doesn't. */
  name: string | null;
  /** The codec of the newest packet; null before the first. */
  codec: MediaCodec | null;
  /** Whole frames. */
  frames: number;
  /** Those that can be decoded without another one. */
  keyframes: number;
  /** Bytes of the frames. */
  bytes: number;
  /** RTP packets received, each once. */
  packets: number;
  /** RTP packets that never came, or too late. */
  packetsLost: number;
  /** RTP packets that the sender was asked to send again. */
  packetsRequested: number;
  /** Keyframes that it was asked for. */
  keyframesRequested: number;
  /** Packets that could not be read. */
  invalid: number;
  /** Pixels across, read from the stream; video only. */
  width: number | null;
  /** The same of its height. */
  height: number | null;
}
