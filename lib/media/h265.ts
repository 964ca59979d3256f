import { aggregatedUnits, nalPart, nalUnits, START_CODE } from "./annex_b.ts";
import type { FramePart, FrameTraits, PayloadFormat } from "./frame.ts";
import { parseH265Sps } from "./h265_sps.ts";

/** NAL unit types: ITU-T H.265 table 7-1, and RFC 7798 §4.4 from 48 on. */
const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const LAST_CODED = 31;
const VPS = 32;
const SPS = 33;
const ACCESS_UNIT_DELIMITER = 35;
const AGGREGATE = 48;
const FRAGMENT = 49;

/** Bytes of a NAL unit's header, and of a fragment's after it. */
const HEADER_BYTES = 2;
const FU_HEADER_BYTES = 1;

/** The type of a NAL unit, from the first byte of its header. */
export function h265UnitType(header: number): number {
  return header >> 1 & 0x3f;
}

/**
 * Reads an H.265 RTP payload (RFC 7798) without decoding order numbers: a
 * single NAL unit (§4.4.1), an aggregation packet (§4.4.2) or a fragment
 * (§4.4.3). Its data is Annex B, start codes of 4 bytes.
 *
 * @returns undefined if it is of another type or malformed.
 */
export function readH265Payload(payload: Uint8Array): FramePart | undefined {
  if (payload.length < HEADER_BYTES) return;
  switch (h265UnitType(payload[0])) {
    case AGGREGATE:
      return readAggregate(payload);
    case FRAGMENT:
      return readFragment(payload);
    default:
      if (!isUnit(payload)) return;
      return part([START_CODE, payload], payload[0], isCoded(payload[0]));
  }
}

function readAggregate(payload: Uint8Array): FramePart | undefined {
  let coded = false;
  const data = aggregatedUnits(payload, HEADER_BYTES, (unit) => {
    coded ||= isCoded(unit[0]);
    return isUnit(unit);
  });
  return data && part([data], data[START_CODE.length], coded);
}

function readFragment(payload: Uint8Array): FramePart | undefined {
  const from = HEADER_BYTES + FU_HEADER_BYTES;
  if (payload.length <= from) return;
  const starts = (payload[2] & 0x80) !== 0;
  const ends = (payload[2] & 0x40) !== 0;
  const header = Uint8Array.of(
    payload[0] & 0x81 | (payload[2] & 0x3f) << 1,
    payload[1],
  );
  if (!isUnit(header)) return;
  const fragment = payload.subarray(from);
  if (starts) {
    const head = Uint8Array.of(...START_CODE, ...header);
    return {
      ...part([head, fragment], header[0], isCoded(header[0])),
      open: !ends,
    };
  }
  const rest = part([fragment], header[0], false);
  return { ...rest, begins: "never", continues: true, open: !ends };
}

function part(data: Uint8Array[], header: number, coded: boolean): FramePart {
  return nalPart(data, beginning(h265UnitType(header)), coded);
}

/**
 * A delimiter is always the first of its access unit (H.265 §7.4.2.4.4). A
 * video parameter set can follow one, and comes before all others.
 */
function beginning(type: number): FramePart["begins"] {
  if (type === ACCESS_UNIT_DELIMITER) return "certain";
  return type === VPS ? "likely" : "possible";
}

/**
 * Whether it starts with the header of a NAL unit (H.265 §7.3.1.2): no error
 * flagged, a type of H.265's own, a temporal id.
 */
function isUnit(unit: Uint8Array): boolean {
  return unit.length >= HEADER_BYTES && unit[0] < 0x80 &&
    h265UnitType(unit[0]) < AGGREGATE && (unit[1] & 0x07) !== 0;
}

/** Whether it is a slice segment. */
function isCoded(header: number): boolean {
  return h265UnitType(header) <= LAST_CODED;
}

function isRandomAccess(type: number): boolean {
  return type >= FIRST_IRAP && type <= LAST_IRAP;
}

/**
 * Tells whether decoding can start with this RTP payload: it is the first of an
 * IRAP picture (H.265 §7.4.2.2), or of its parameter sets.
 */
export function beginsH265Keyframe(payload: Uint8Array): boolean {
  const part = readH265Payload(payload);
  if (part === undefined || part.begins === "never") return false;
  // The start code's 4 bytes come first, with or without what follows.
  const [head, rest] = part.data;
  const { length } = START_CODE;
  const type = h265UnitType(head.length > length ? head[length] : rest[0]);
  return type === VPS || type === SPS || isRandomAccess(type);
}

/**
 * Tells an access unit's size and profile, if it has an SPS, and whether it is
 * an IRAP picture.
 */
export function describeH265(accessUnit: Uint8Array): FrameTraits {
  let sps: Uint8Array | undefined;
  let keyframe = false;
  for (const unit of nalUnits(accessUnit)) {
    if (unit.length < HEADER_BYTES) continue;
    const type = h265UnitType(unit[0]);
    // What comes for other layers (nuh_layer_id) tells nothing of the base.
    if ((unit[0] & 1) !== 0 || unit[1] >> 3 !== 0) continue;
    if (type === SPS) sps = unit;
    // Parameter sets come before the first slice, and either all slices of a
    // picture are IRAP or none (H.265 §7.4.2.2).
    if (!isCoded(unit[0])) continue;
    keyframe = isRandomAccess(type);
    break;
  }
  return { keyframe, ...(sps && parseH265Sps(sps)) };
}

/** H.265 in RTP, RFC 7798, without decoding order numbers. */
export const h265Format: PayloadFormat = {
  kind: "video",
  read: readH265Payload,
  describe: describeH265,
};
