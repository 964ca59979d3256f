import type { FramePart, FrameTraits, PayloadFormat } from "./frame.ts";

/** A VP8 RTP payload: its descriptor's fields (RFC 7741 §4.2) and its data. */
export interface Vp8Payload {
  /** N: no other frame refers to this one. */
  nonReference: boolean;
  /** S: the data starts with the start of a partition. */
  partitionStart: boolean;
  /** PID: the partition that the first byte belongs to, 0 to 7. */
  partition: number;
  /** 7 or 15 bits. */
  pictureId?: number;
  /** 8 bits. */
  tl0PicIdx?: number;
  /** TID, 0 to 3. */
  temporalLayer?: number;
  /** Y: the frame depends only on the base layer. */
  layerSync?: boolean;
  /** KEYIDX, 5 bits. */
  keyIndex?: number;
  /** The part of the VP8 frame, at least one byte; a view of the payload. */
  data: Uint8Array;
}

/**
 * Parses a VP8 RTP payload (RFC 7741 §4.2).
 *
 * @returns undefined if it ends within the descriptor or right after it.
 */
export function parseVp8Payload(payload: Uint8Array): Vp8Payload | undefined {
  const result: Vp8Payload = {
    nonReference: (payload[0] & 0x20) !== 0,
    partitionStart: (payload[0] & 0x10) !== 0,
    partition: payload[0] & 0x07,
    data: payload,
  };
  // Bytes past the end read as undefined and its bits as 0: the end shows it.
  let at = 1;
  if (payload[0] & 0x80) {
    const extensions = payload[at++];
    if (extensions & 0x80) {
      const id = payload[at++];
      result.pictureId = id & 0x80 ? (id & 0x7f) << 8 | payload[at++] : id;
    }
    if (extensions & 0x40) result.tl0PicIdx = payload[at++];
    if (extensions & 0x30) {
      const layers = payload[at++];
      if (extensions & 0x20) {
        result.temporalLayer = layers >> 6;
        result.layerSync = (layers & 0x20) !== 0;
      }
      if (extensions & 0x10) result.keyIndex = layers & 0x1f;
    }
  }
  if (at >= payload.length) return;
  result.data = payload.subarray(at);
  return result;
}

/** Whether a frame begins with a payload: its first partition does. */
export function beginsFrame(
  { partitionStart, partition }: Vp8Payload,
): boolean {
  return partitionStart && partition === 0;
}

/**
 * Reads a VP8 frame's header (RFC 6386 §9.1): 3 bytes of frame tag and, in a
 * keyframe, a start code and the size in pixels, little-endian.
 *
 * @returns undefined if it ends too early, or is a keyframe without the start
 * code or with a side of 0 pixels.
 */
export function parseVp8Header(frame: Uint8Array): FrameTraits | undefined {
  if (frame.length < 3) return;
  if (frame[0] & 1) return { keyframe: false };
  const startCode = frame[3] === 0x9d && frame[4] === 0x01 && frame[5] === 0x2a;
  if (frame.length < 10 || !startCode) return;
  // The upper two bits are a scale for showing it, not the picture's size.
  const width = (frame[7] << 8 | frame[6]) & 0x3fff;
  const height = (frame[9] << 8 | frame[8]) & 0x3fff;
  return width && height ? { keyframe: true, width, height } : undefined;
}

/** Tells whether decoding can start with this RTP payload. */
export function beginsVp8Keyframe(payload: Uint8Array): boolean {
  const part = parseVp8Payload(payload);
  return part !== undefined && beginsFrame(part) &&
    parseVp8Header(part.data)?.keyframe === true;
}

/** VP8 in RTP, RFC 7741. */
export const vp8Format: PayloadFormat = {
  kind: "video",
  read: readPart,
  describe: parseVp8Header,
};

function readPart(payload: Uint8Array): FramePart | undefined {
  const parsed = parseVp8Payload(payload);
  if (!parsed) return;
  const first = beginsFrame(parsed);
  return {
    data: [parsed.data],
    begins: first ? "certain" : "never",
    continues: false,
    open: false,
    coded: true,
    ends: false,
  };
}
