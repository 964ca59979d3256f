/** What a media track carries. */
export type MediaKind = "video" | "audio";

/** A codec whose RTP payloads can be put together into frames. */
export type MediaCodec = "VP8" | "VP9" | "H264" | "H265" | "AV1" | "opus";

/** Which of a codec's tools a stream uses, and how much of them. */
export interface VideoProfile {
  /** H265: `general_profile_idc`, 1 to 11; VP9 and AV1: 0 to 3. */
  profile: number;
  /** H265: `general_level_idc`, thirty times the level. */
  level?: number;
  /** H265: 1 for the high tier. @default {0} */
  tier?: number;
}

/** One whole frame of a media track, as its encoder made it. */
export interface MediaFrame {
  /** Picture or sound. */
  kind: MediaKind;
  /** How `data` is encoded. */
  codec: MediaCodec;
  /**
   * RTP timestamp in ticks of the codec's clock (video 90 kHz, Opus 48 kHz);
   * uint32, wraps.
   */
  timestamp: number;
  /**
   * The encoded frame, alone in its buffer, so that it can be transferred.
   *
   * VP8: the frame of RFC 6386. VP9: the frames of one picture, one for each
   * spatial layer. H264 and H265: an Annex B access unit, each NAL unit after a
   * start code of 4 bytes. AV1: a temporal unit, its delimiter first, each OBU
   * with its size. opus: one packet of RFC 6716.
   */
  data: Uint8Array<ArrayBuffer>;
  /**
   * Whether it can be decoded without another frame; true for each Opus packet.
   */
  keyframe: boolean;
  /**
   * Pixels, after cropping, of the newest size that the stream told; video
   * only.
   */
  width?: number;
  /**
   * Pixels, after cropping, of the newest size that the stream told; video
   * only.
   */
  height?: number;
  /** Whether something of the stream is missing right before this frame. */
  discontinuity: boolean;
}

/** A picture's size in pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** What one RTP payload adds to a frame. */
export interface FramePart {
  /** Bytes of the frame in order; views of the payload where possible. */
  data: Uint8Array[];
  /**
   * Whether a frame begins here.
   *
   * `certain`: whatever came before. `likely`: so, unless other frames of the
   * stream begin with something that is certain. `possible`: if the packet
   * before it was the last of its frame. `never`: it goes on with a frame.
   */
  begins: "certain" | "likely" | "possible" | "never";
  /** Whether it goes on with a unit that the payload before it left open. */
  continues: boolean;
  /** Whether it leaves a unit open for the next payload. */
  open: boolean;
  /**
   * Whether it has something of a picture or sound; a frame without any isn't
   * whole.
   */
  coded: boolean;
  /** Whether the frame is over after it, whatever its marker bit says. */
  ends: boolean;
  /** The size of the whole picture, where the payload itself tells it. */
  size?: PictureSize;
}

/** What a whole frame says of itself. */
export interface FrameTraits {
  keyframe: boolean;
  /** Pixels; absent where this frame doesn't tell. */
  width?: number;
  /** Pixels; absent where this frame doesn't tell. */
  height?: number;
  /** Absent where this frame doesn't tell, or its codec has none. */
  profile?: VideoProfile;
}

/** How one codec travels in RTP; each codec's file has one. */
export interface PayloadFormat {
  kind: MediaKind;
  /**
   * Reads an RTP payload of at least one byte; undefined if it is malformed.
   */
  read(payload: Uint8Array): FramePart | undefined;
  /**
   * Makes a frame of all that its payloads add, `length` bytes in all;
   * undefined if it can't be one. @default {they are joined}
   */
  join?(
    data: Uint8Array[],
    length: number,
  ): Uint8Array<ArrayBuffer> | undefined;
  /** Reads what a whole frame tells; undefined if it can't be a frame. */
  describe(frame: Uint8Array): FrameTraits | undefined;
}
