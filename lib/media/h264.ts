import {
  aggregatedUnits,
  nalPart,
  nalUnits,
  removeEmulationPrevention,
  START_CODE,
} from "./annex_b.ts";
import { BitReader } from "./bit_reader.ts";
import type {
  FramePart,
  FrameTraits,
  PayloadFormat,
  PictureSize,
} from "./frame.ts";

/** NAL unit types: ITU-T H.264 table 7-1, and RFC 6184 table 1 from 24 on. */
const IDR = 5;
const SPS = 7;
const ACCESS_UNIT_DELIMITER = 9;
const STAP_A = 24;
const FU_A = 28;

/**
 * Reads an H.264 RTP payload (RFC 6184): a single NAL unit (§5.6), a STAP-A
 * (§5.7.1) or an FU-A (§5.8). Its data is Annex B, start codes of 4 bytes.
 *
 * @returns undefined if it is of another type or malformed.
 */
export function readH264Payload(payload: Uint8Array): FramePart | undefined {
  switch (payload[0] & 0x1f) {
    case STAP_A:
      return readAggregate(payload);
    case FU_A:
      return readFragment(payload);
    default:
      if (!isNalHeader(payload[0])) return;
      return part([START_CODE, payload], payload[0], isCoded(payload[0]));
  }
}

function readAggregate(payload: Uint8Array): FramePart | undefined {
  let coded = false;
  const data = aggregatedUnits(payload, 1, (unit) => {
    coded ||= isCoded(unit[0]);
    return isNalHeader(unit[0]);
  });
  return data && part([data], payload[3], coded);
}

function readFragment(payload: Uint8Array): FramePart | undefined {
  if (payload.length < 2) return;
  const starts = (payload[1] & 0x80) !== 0;
  const ends = (payload[1] & 0x40) !== 0;
  const header = payload[0] & 0xe0 | payload[1] & 0x1f;
  if (!isNalHeader(header)) return;
  const fragment = payload.subarray(2);
  if (starts) {
    const head = Uint8Array.of(...START_CODE, header);
    return { ...part([head, fragment], header, isCoded(header)), open: !ends };
  }
  const rest = part([fragment], header, false);
  return { ...rest, begins: "never", continues: true, open: !ends };
}

function part(data: Uint8Array[], header: number, coded: boolean): FramePart {
  return nalPart(data, beginning(header & 0x1f), coded);
}

/**
 * A delimiter is always the first of its access unit (H.264 §7.4.1.2.3). A
 * parameter set can follow one, but encoders put nothing else before it.
 */
function beginning(type: number): FramePart["begins"] {
  if (type === ACCESS_UNIT_DELIMITER) return "certain";
  return type === SPS ? "likely" : "possible";
}

/**
 * Whether it can start a NAL unit: no error flagged (RFC 6184 §5.3), a type of
 * H.264's own.
 */
function isNalHeader(header: number): boolean {
  const type = header & 0x1f;
  return header < 0x80 && type > 0 && type < STAP_A;
}

/** Whether it is a slice, or a partition of one. */
function isCoded(header: number): boolean {
  const type = header & 0x1f;
  return type > 0 && type <= IDR;
}

/**
 * Tells an access unit's size, if it has an SPS, and whether it is an IDR
 * picture.
 */
export function describeH264(accessUnit: Uint8Array): FrameTraits {
  let sps: Uint8Array | undefined;
  let keyframe = false;
  for (const unit of nalUnits(accessUnit)) {
    const type = unit[0] & 0x1f;
    if (type === SPS) sps = unit;
    // Parameter sets come before the first slice, and either all slices of a
    // picture are IDR or none (H.264 §7.4.1.2.4).
    if (!isCoded(type)) continue;
    keyframe = type === IDR;
    break;
  }
  return { keyframe, ...(sps && parseH264Sps(sps)) };
}

/**
 * What is read of an SPS ends before: 255 offsets and 12 scaling lists at most.
 */
const MAX_SPS_BYTES = 8192;

/** Profiles whose SPS tells the chroma format: H.264 §7.3.2.1.1. */
const HIGH_PROFILES = new Set(
  [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135],
);

/** What a sequence parameter set tells. */
export interface H264Sps extends PictureSize {
  /** `profile_idc`. */
  profile: number;
  /** Whether pictures may come as two fields. */
  isInterlaced: boolean;
}

/** Parses the size of the pictures, as {@linkcode readH264Sps} does. */
export function parseH264Sps(nal: Uint8Array): PictureSize | undefined {
  const { width, height } = readH264Sps(nal) ?? {};
  return width && height ? { width, height } : undefined;
}

/**
 * Reads a sequence parameter set (H.264 §7.3.2.1.1): the size of the pictures,
 * cropping applied, and how they are encoded.
 *
 * @param nal The NAL unit from its header byte on, with emulation prevention.
 * @returns undefined if it ends too early or has values out of range.
 */
export function readH264Sps(nal: Uint8Array): H264Sps | undefined {
  const head = nal.subarray(1, MAX_SPS_BYTES);
  const bits = new BitReader(removeEmulationPrevention(head));
  const profile = bits.read(8);
  bits.read(16); // constraint flags and level
  bits.ue(); // seq_parameter_set_id
  const chroma = HIGH_PROFILES.has(profile)
    ? readHighProfile(bits)
    : { unitX: 2, unitY: 2 };
  bits.ue(); // log2_max_frame_num_minus4
  skipPictureOrderCount(bits);
  bits.ue(); // max_num_ref_frames
  bits.read(1); // gaps_in_frame_num_value_allowed_flag
  const columns = bits.ue() + 1;
  const rows = bits.ue() + 1;
  const framesOnly = bits.read(1);
  if (!framesOnly) bits.read(1); // mb_adaptive_frame_field_flag
  bits.read(1); // direct_8x8_inference_flag
  // Without frame_mbs_only_flag, rows and cropping count in pairs of lines.
  const fields = 2 - framesOnly;
  const crop = readCropping(bits);
  const width = 16 * columns - chroma.unitX * crop.x;
  const height = fields * (16 * rows - chroma.unitY * crop.y);
  const fits = width > 0 && height > 0 && width <= 0xffff && height <= 0xffff;
  const isInterlaced = framesOnly === 0;
  return fits && !bits.overrun
    ? { width, height, profile, isInterlaced }
    : undefined;
}

/**
 * Reads what only high profiles have; the result is what one step of cropping
 * is, in pixels.
 */
function readHighProfile(bits: BitReader): { unitX: number; unitY: number } {
  const format = bits.ue();
  const separatePlanes = format === 3 && bits.read(1) === 1;
  bits.ue(); // bit_depth_luma_minus8
  bits.ue(); // bit_depth_chroma_minus8
  bits.read(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.read(1)) {
    const lists = format === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) {
      if (bits.read(1)) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  // H.264 table 6-1: 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
  const subsampledX = !separatePlanes && (format === 1 || format === 2);
  const subsampledY = !separatePlanes && format === 1;
  return { unitX: subsampledX ? 2 : 1, unitY: subsampledY ? 2 : 1 };
}

/** H.264 §7.3.2.1.1.1. */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size; i++) {
    const next = (last + bits.se()) & 0xff;
    if (next === 0) return;
    last = next;
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.read(1); // delta_pic_order_always_zero_flag
  bits.se(); // offset_for_non_ref_pic
  bits.se(); // offset_for_top_to_bottom_field
  const cycle = bits.ue();
  for (let i = 0; i < cycle && !bits.overrun; i++) bits.se();
}

function readCropping(bits: BitReader): { x: number; y: number } {
  if (!bits.read(1)) return { x: 0, y: 0 };
  const x = bits.ue() + bits.ue();
  return { x, y: bits.ue() + bits.ue() };
}

/** H.264 in RTP, RFC 6184, packetization modes 0 and 1. */
export const h264Format: PayloadFormat = {
  kind: "video",
  read: readH264Payload,
  describe: describeH264,
};

/**
 * The header byte of the NAL unit that an RTP payload begins with; undefined
 * where it begins with none, or goes on with one.
 */
export function firstUnitOf(payload: Uint8Array): number | undefined {
  const part = readH264Payload(payload);
  if (part === undefined || part.begins === "never") return undefined;
  // The start code's 4 bytes come first, with or without what follows.
  const [head, rest] = part.data;
  return head.length > 4 ? head[4] : rest[0];
}

/** Tells whether decoding can start with this RTP payload. */
export function beginsH264Keyframe(payload: Uint8Array): boolean {
  const unit = firstUnitOf(payload);
  if (unit === undefined) return false;
  const type = unit & 0x1f;
  return type === SPS || type === IDR;
}
