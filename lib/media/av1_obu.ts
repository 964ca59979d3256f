/** Open bitstream units, which AV1 is made of (AV1 specification, §5.3). */
import { BitReader } from "./bit_reader.ts";
import type { PictureSize, VideoProfile } from "./frame.ts";

/** Types of units: AV1 specification, §6.2.2. */
export const OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  tileGroup: 4,
  frame: 6,
  tileList: 8,
  padding: 15,
} as const;

const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;

/** One unit. */
export interface Obu {
  type: number;
  /** Its header of 1 or 2 bytes, which says that no size follows. */
  header: Uint8Array;
  /** What follows its header and size; a view. */
  payload: Uint8Array;
}

/** The type of a unit, by the first byte of its header. */
export function obuType(header: number): number {
  return header >> 3 & 0x0f;
}

/** A number of LEB128, and where the bytes after it are. */
interface Leb128 {
  value: number;
  end: number;
}

/**
 * Reads a number of 7 bits a byte, lowest first (AV1 specification, §4.10.5).
 *
 * @returns undefined if it ends too early or is above 2^32 - 1.
 */
export function readLeb128(bytes: Uint8Array, at: number): Leb128 | undefined {
  let value = 0;
  for (let i = 0; i < 8 && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i] & 0x80) continue;
    return value < 2 ** 32 ? { value, end: at + i + 1 } : undefined;
  }
  return undefined;
}

/** Bytes that a number takes as LEB128. */
export function leb128Bytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Writes a number as LEB128. @returns where the bytes after it are. */
export function writeLeb128(
  value: number,
  bytes: Uint8Array,
  at: number,
): number {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes[at++] = rest % 0x80 | 0x80;
  }
  bytes[at++] = rest;
  return at;
}

/**
 * Reads the unit that bytes begin with: one that says no size is all of them.
 *
 * @returns undefined if there is none, or it is longer; else the unit, and
 * where the bytes after it are.
 */
export function readObu(
  bytes: Uint8Array,
): { obu: Obu; end: number } | undefined {
  const [first] = bytes;
  // The first bit is always 0.
  if (first === undefined || first >= 0x80) return;
  const headerBytes = first & HAS_EXTENSION ? 2 : 1;
  if (bytes.length < headerBytes) return;
  const header = bytes.slice(0, headerBytes);
  header[0] &= ~HAS_SIZE;
  const size = first & HAS_SIZE
    ? readLeb128(bytes, headerBytes)
    : { value: bytes.length - headerBytes, end: headerBytes };
  if (size === undefined || size.end + size.value > bytes.length) return;
  const end = size.end + size.value;
  const payload = bytes.subarray(size.end, end);
  return { obu: { type: obuType(first), header, payload }, end };
}

/** Yields the units of a temporal unit, up to one that is malformed. */
export function* readObus(temporalUnit: Uint8Array): Generator<Obu> {
  let rest = temporalUnit;
  for (let read = readObu(rest); read; read = readObu(rest)) {
    yield read.obu;
    rest = rest.subarray(read.end);
  }
}

/** Bytes that a unit takes with its size. */
export function sizedObuBytes({ header, payload }: Obu): number {
  return header.length + leb128Bytes(payload.length) + payload.length;
}

/** Writes a unit with its size. @returns where the bytes after it are. */
export function writeSizedObu(
  { header, payload }: Obu,
  bytes: Uint8Array,
  at: number,
): number {
  bytes.set(header, at);
  bytes[at] |= HAS_SIZE;
  const start = writeLeb128(payload.length, bytes, at + header.length);
  bytes.set(payload, start);
  return start + payload.length;
}

/** What is read of a sequence header. */
export interface Av1Sequence extends PictureSize {
  profile: VideoProfile;
  /** Whether each frame is a keyframe, without saying so. */
  isStill: boolean;
}

/** What is read of a sequence header ends before: 32 operating points. */
const MAX_SEQUENCE_BYTES = 512;

/**
 * Parses a sequence header (AV1 specification, §5.5): the largest size of its
 * pictures, and its profile.
 *
 * @param payload of its unit.
 * @returns undefined if it ends too early.
 */
export function parseSequence(payload: Uint8Array): Av1Sequence | undefined {
  const bits = new BitReader(payload.subarray(0, MAX_SEQUENCE_BYTES));
  const profile = bits.read(3);
  bits.skip(1); // still_picture
  const isStill = bits.read(1) === 1; // reduced_still_picture_header
  if (isStill) bits.skip(5); // seq_level_idx
  else skipOperatingPoints(bits);
  const widthBits = 1 + bits.read(4);
  const heightBits = 1 + bits.read(4);
  const width = 1 + bits.read(widthBits);
  const height = 1 + bits.read(heightBits);
  if (bits.overrun) return;
  return { width, height, profile: { profile }, isStill };
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits: number | undefined;
  if (bits.read(1)) { // timing_info_present_flag
    bits.skip(64);
    if (bits.read(1)) bits.ue(); // num_ticks_per_picture_minus_1
    if (bits.read(1)) { // decoder_model_info_present_flag
      delayBits = 1 + bits.read(5);
      bits.skip(32 + 5 + 5);
    }
  }
  const hasDelay = bits.read(1) === 1;
  const points = 1 + bits.read(5);
  for (let i = 0; i < points; i++) {
    bits.skip(12); // operating_point_idc
    if (bits.read(5) > 7) bits.skip(1); // seq_tier
    if (delayBits !== undefined && bits.read(1)) bits.skip(2 * delayBits + 1);
    if (hasDelay && bits.read(1)) bits.skip(4);
  }
}
