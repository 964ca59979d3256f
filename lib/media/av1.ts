import { countBytes, joinBytes } from "../points/join_bytes.ts";
import {
  OBU,
  type Obu,
  obuType,
  parseSequence,
  readLeb128,
  readObu,
  readObus,
  sizedObuBytes,
  writeSizedObu,
} from "./av1_obu.ts";
import type { FramePart, FrameTraits, PayloadFormat } from "./frame.ts";

/** Most units of one frame: more than all tiles and layers are. */
const MAX_OBUS = 4096;

/** A temporal delimiter with its size, which a temporal unit begins with. */
const DELIMITER = Uint8Array.of(OBU.temporalDelimiter << 3 | 0x02, 0);

/** What an AV1 RTP payload carries: RTP payload format for AV1, §4.4. */
export interface Av1Payload {
  /** Z: its first element goes on with the last one of the payload before. */
  continues: boolean;
  /** Y: its last element goes on in the next payload. */
  open: boolean;
  /** N: a coded video sequence begins with it. */
  beginsSequence: boolean;
  /** Units without their sizes, or parts of them; views of the payload. */
  elements: Uint8Array[];
}

/**
 * Parses an AV1 RTP payload (RTP payload format for AV1, §4.3 to §4.5).
 *
 * @returns undefined if an element doesn't fit into it, or it has none.
 */
export function parseAv1Payload(payload: Uint8Array): Av1Payload | undefined {
  const [header] = payload;
  if (header === undefined) return;
  const count = header >> 4 & 0x03;
  const continues = (header & 0x80) !== 0;
  const beginsSequence = (header & 0x08) !== 0;
  if (continues && beginsSequence) return;
  const elements: Uint8Array[] = [];
  let at = 1;
  while (at < payload.length) {
    const isLast = elements.length === count - 1;
    const length = isLast
      ? { value: payload.length - at, end: at }
      : readLeb128(payload, at);
    if (length === undefined || elements.length === MAX_OBUS) return;
    at = length.end + length.value;
    if (at > payload.length) return;
    elements.push(payload.subarray(length.end, at));
  }
  const isWhole = count === 0 ? elements.length > 0 : elements.length === count;
  if (!isWhole) return;
  return { continues, open: (header & 0x40) !== 0, beginsSequence, elements };
}

/**
 * Tells whether decoding can start with this RTP payload: a coded video
 * sequence begins with it, with its sequence header.
 */
export function beginsAv1Keyframe(payload: Uint8Array): boolean {
  const { beginsSequence, elements } = parseAv1Payload(payload) ??
    { beginsSequence: false, elements: [] };
  return beginsSequence &&
    elements.some((element) =>
      element.length > 0 && obuType(element[0]) === OBU.sequenceHeader
    );
}

function readPart(payload: Uint8Array): FramePart | undefined {
  const parsed = parseAv1Payload(payload);
  if (parsed === undefined) return;
  const { continues, open, beginsSequence, elements } = parsed;
  const begun = continues ? elements.slice(1) : elements;
  return {
    // With its elements' lengths: they tell a unit's end.
    data: [payload],
    begins: continues ? "never" : beginsSequence ? "certain" : "possible",
    continues,
    open,
    coded: begun.some((element) => element.length > 0 && isCoded(element[0])),
    ends: false,
  };
}

/** Whether a unit has something of a picture. */
function isCoded(header: number): boolean {
  const type = obuType(header);
  return type === OBU.frame || type === OBU.frameHeader ||
    type === OBU.tileGroup;
}

/**
 * Puts a temporal unit together from its payloads: each unit with its size, as
 * the low overhead format has it (AV1 specification, §5.2).
 */
function joinPayloads(
  payloads: Uint8Array[],
): Uint8Array<ArrayBuffer> | undefined {
  const units = unitsOf(payloads);
  if (units === undefined) return;
  let length = DELIMITER.length;
  for (const unit of units) length += sizedObuBytes(unit);
  const data = new Uint8Array(length);
  data.set(DELIMITER);
  let at = DELIMITER.length;
  for (const unit of units) at = writeSizedObu(unit, data, at);
  return data;
}

function unitsOf(payloads: Uint8Array[]): Obu[] | undefined {
  const units: Obu[] = [];
  let parts: Uint8Array[] = [];
  for (const payload of payloads) {
    const { elements, open } = parseAv1Payload(payload)!;
    for (const [i, element] of elements.entries()) {
      parts.push(element);
      if (open && i === elements.length - 1) continue;
      const unit = unitFrom(parts);
      parts = [];
      if (unit === undefined || units.length === MAX_OBUS) return;
      if (unit !== "none") units.push(unit);
    }
  }
  return units;
}

/** One unit from its parts; `none` for one that a decoder has no use for. */
function unitFrom(parts: Uint8Array[]): Obu | "none" | undefined {
  const length = countBytes(parts);
  if (length === 0) return "none";
  const bytes = parts.length === 1 ? parts[0] : joinBytes(parts, length);
  const read = readObu(bytes);
  if (read === undefined || read.end !== length) return;
  const { type } = read.obu;
  const isOfUse = type !== OBU.temporalDelimiter && type !== OBU.tileList;
  return isOfUse ? read.obu : "none";
}

/**
 * Tells a temporal unit's size and profile, if it has a sequence header, and
 * whether it begins with a keyframe that follows one (AV1 specification, §5.9).
 */
export function describeAv1(temporalUnit: Uint8Array): FrameTraits {
  let traits: FrameTraits = { keyframe: false };
  let isStill: boolean | undefined;
  for (const { type, payload } of readObus(temporalUnit)) {
    if (type === OBU.sequenceHeader) {
      const sequence = parseSequence(payload);
      if (sequence === undefined) continue;
      const { width, height, profile } = sequence;
      traits = { keyframe: false, width, height, profile };
      ({ isStill } = sequence);
    }
    if (type !== OBU.frame && type !== OBU.frameHeader) continue;
    // show_existing_frame and frame_type, which are 0 in a keyframe.
    const isKeyframe = isStill || (payload[0] & 0xe0) === 0;
    return { ...traits, keyframe: isStill !== undefined && isKeyframe };
  }
  return traits;
}

/** AV1 in RTP, as the Alliance for Open Media has it. */
export const av1Format: PayloadFormat = {
  kind: "video",
  read: readPart,
  join: joinPayloads,
  describe: describeAv1,
};
