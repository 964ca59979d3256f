import { BitReader } from "./bit_reader.ts";
import type {
  FramePart,
  FrameTraits,
  PayloadFormat,
  PictureSize,
} from "./frame.ts";

/** What a VP9 RTP payload says and carries: RFC 9628 §4.2. */
export interface Vp9Payload {
  /** P: its frame needs an earlier picture. */
  isPredicted: boolean;
  /** B: a frame begins with it. */
  beginsFrame: boolean;
  /** SID: the spatial layer that it is of; 0 where there are none. */
  spatialLayer: number;
  /** Of the highest spatial layer, where the scalability structure has it. */
  size?: PictureSize;
  /** The part of the VP9 frame, at least one byte; a view of the payload. */
  data: Uint8Array;
}

/** Reads the bytes of a payload's descriptor, one after the other. */
class Cursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The next byte; 0 past the end, which `at` shows. */
  next(): number {
    return this.bytes[this.at++] ?? 0;
  }

  next16(): number {
    return this.next() << 8 | this.next();
  }
}

/** Most pictures that one of flexible mode names as needed (RFC 9628 §4.2). */
const MAX_REFERENCES = 3;

/**
 * Parses a VP9 RTP payload (RFC 9628 §4.2).
 *
 * @returns undefined if it ends within the descriptor or right after it, or
 * names more pictures than it may.
 */
export function parseVp9Payload(payload: Uint8Array): Vp9Payload | undefined {
  const cursor = new Cursor(payload);
  const flags = cursor.next();
  const isPredicted = (flags & 0x40) !== 0;
  const isFlexible = (flags & 0x10) !== 0;
  const result: Vp9Payload = {
    isPredicted,
    beginsFrame: (flags & 0x08) !== 0,
    spatialLayer: 0,
    data: payload,
  };
  // I: a picture id of 7 or 15 bits.
  if (flags & 0x80 && cursor.next() & 0x80) cursor.next();
  if (flags & 0x20) {
    result.spatialLayer = cursor.next() >> 1 & 0x07;
    if (!isFlexible) cursor.next(); // TL0PICIDX
  }
  if (isFlexible && isPredicted) {
    let references = 1;
    while (cursor.next() & 1) if (++references > MAX_REFERENCES) return;
  }
  if (flags & 0x02) result.size = readStructure(cursor);
  if (cursor.at >= payload.length) return;
  result.data = payload.subarray(cursor.at);
  return result;
}

/** Reads a scalability structure, of which the last size is kept. */
function readStructure(cursor: Cursor): PictureSize | undefined {
  const flags = cursor.next();
  const layers = 1 + (flags >> 5);
  let size: PictureSize | undefined;
  if (flags & 0x10) {
    for (let i = 0; i < layers; i++) {
      size = { width: cursor.next16(), height: cursor.next16() };
    }
  }
  const pictures = flags & 0x08 ? cursor.next() : 0;
  for (let i = 0; i < pictures; i++) {
    const references = cursor.next() >> 2 & 0x03;
    cursor.at += references;
  }
  return size?.width && size.height ? size : undefined;
}

/** Bytes of a frame that are read: its header, up to the size. */
const MAX_HEADER_BYTES = 16;

const SYNC_CODE = 0x498342;
const SRGB = 7;

/**
 * Reads what a VP9 frame's uncompressed header begins with (VP9 bitstream
 * specification, §6.2).
 *
 * @returns undefined if it ends too early, or has not the marks of a frame.
 */
export function parseVp9Header(frame: Uint8Array): FrameTraits | undefined {
  const bits = new BitReader(frame.subarray(0, MAX_HEADER_BYTES));
  if (bits.read(2) !== 2) return; // frame_marker
  const profile = bits.read(1) | bits.read(1) << 1;
  if (profile === 3 && bits.read(1)) return;
  const showsExisting = bits.read(1) === 1;
  const isKeyframe = !showsExisting && bits.read(1) === 0;
  if (!isKeyframe) return bits.overrun ? undefined : { keyframe: false };
  bits.skip(2); // show_frame, error_resilient_mode
  if (bits.read(24) !== SYNC_CODE) return;
  skipColorConfig(bits, profile);
  const width = bits.read(16) + 1;
  const height = bits.read(16) + 1;
  if (bits.overrun) return;
  return { keyframe: true, width, height, profile: { profile } };
}

function skipColorConfig(bits: BitReader, profile: number): void {
  if (profile >= 2) bits.skip(1); // ten_or_twelve_bit
  const hasSubsampling = (profile & 1) === 1;
  if (bits.read(3) !== SRGB) {
    bits.skip(1); // color_range
    if (hasSubsampling) bits.skip(3);
  } else if (hasSubsampling) bits.skip(1);
}

/**
 * Tells whether decoding can start with this RTP payload: it is the first of a
 * keyframe's lowest layer.
 */
export function beginsVp9Keyframe(payload: Uint8Array): boolean {
  const part = parseVp9Payload(payload);
  return part !== undefined && part.beginsFrame && part.spatialLayer === 0 &&
    !part.isPredicted && parseVp9Header(part.data)?.keyframe === true;
}

/** VP9 in RTP, RFC 9628: a picture's layers are one frame. */
export const vp9Format: PayloadFormat = {
  kind: "video",
  read: readPart,
  describe: parseVp9Header,
};

function readPart(payload: Uint8Array): FramePart | undefined {
  const parsed = parseVp9Payload(payload);
  if (!parsed) return;
  const { beginsFrame, spatialLayer, size, data } = parsed;
  return {
    data: [data],
    // A picture may be without its lower layers, where those aren't sent.
    begins: !beginsFrame
      ? "never"
      : spatialLayer === 0
      ? "certain"
      : "possible",
    continues: false,
    open: false,
    coded: true,
    ends: false,
    size,
  };
}
