/** RTP payloads of AV1: RTP payload format for AV1, §4.3 to §4.5. */
import { describeAv1 } from "./av1.ts";
import {
  leb128Bytes,
  OBU,
  type Obu,
  readObus,
  writeLeb128,
} from "./av1_obu.ts";

/** Most elements of which the payload's header tells the number. */
const MAX_COUNTED = 3;

/** What goes into one payload. */
interface Draft {
  elements: Uint8Array[];
  /** Of them with their lengths, and the header's. */
  bytes: number;
  continues: boolean;
  open: boolean;
}

function newDraft(continues = false): Draft {
  return { elements: [], bytes: 1, continues, open: false };
}

/**
 * Splits a temporal unit into payloads: as many units in each as fit, without
 * their sizes, and those that don't fit in parts. What a decoder has no use for
 * is left out.
 */
export function packetizeAv1(
  temporalUnit: Uint8Array,
  most: number,
): Uint8Array[] {
  const drafts = [newDraft()];
  for (const unit of readObus(temporalUnit)) {
    if (isSent(unit)) add(drafts, withoutSize(unit), most);
  }
  const beginsSequence = describeAv1(temporalUnit).keyframe;
  return drafts.filter(({ elements }) => elements.length > 0)
    .map((draft, i) => write(draft, beginsSequence && i === 0));
}

function isSent({ type }: Obu): boolean {
  return type !== OBU.temporalDelimiter && type !== OBU.tileList &&
    type !== OBU.padding;
}

function withoutSize({ header, payload }: Obu): Uint8Array {
  const element = new Uint8Array(header.length + payload.length);
  element.set(header);
  element.set(payload, header.length);
  return element;
}

function add(drafts: Draft[], element: Uint8Array, most: number): void {
  for (let rest = element;;) {
    const draft = drafts.at(-1)!;
    const room = most - draft.bytes - leb128Bytes(most);
    if (rest.length <= room) return put(draft, rest);
    // A few bytes of a unit are worth no packet that it is spread over.
    if (draft.elements.length > 0 && room < most / 4) {
      drafts.push(newDraft());
      continue;
    }
    put(draft, rest.subarray(0, room));
    draft.open = true;
    rest = rest.subarray(room);
    drafts.push(newDraft(true));
  }
}

function put(draft: Draft, element: Uint8Array): void {
  draft.elements.push(element);
  draft.bytes += leb128Bytes(element.length) + element.length;
}

function write(
  { elements, bytes, continues, open }: Draft,
  beginsSequence: boolean,
): Uint8Array {
  const isCounted = elements.length <= MAX_COUNTED;
  const payload = new Uint8Array(bytes);
  payload[0] = (continues ? 0x80 : 0) | (open ? 0x40 : 0) |
    (isCounted ? elements.length << 4 : 0) | (beginsSequence ? 0x08 : 0);
  let at = 1;
  for (const [i, element] of elements.entries()) {
    const isLast = isCounted && i === elements.length - 1;
    if (!isLast) at = writeLeb128(element.length, payload, at);
    payload.set(element, at);
    at += element.length;
  }
  return payload.subarray(0, at);
}
