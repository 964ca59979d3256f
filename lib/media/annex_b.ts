/**
 * The byte stream of NAL units that ITU-T H.264 and H.265 have in their Annex B
 * alike.
 */

import type { FramePart } from "./frame.ts";

/** Goes before each NAL unit. */
export const START_CODE: Uint8Array = Uint8Array.of(0, 0, 0, 1);

/**
 * Yields the NAL units of an Annex B byte stream, from their header byte on,
 * as views, without start codes.
 */
export function* nalUnits(annexB: Uint8Array): Generator<Uint8Array> {
  let start = nextStartCode(annexB, 0) + 3;
  while (start < annexB.length) {
    const next = nextStartCode(annexB, start);
    let end = next;
    // A NAL unit never ends in a zero byte (H.264 §7.4.1): those belong to
    // the start code that follows.
    while (end > start && annexB[end - 1] === 0) end--;
    if (end > start) yield annexB.subarray(start, end);
    start = next + 3;
  }
}

/** Where the next 00 00 01 is; the length if there is none. */
function nextStartCode(bytes: Uint8Array, from: number): number {
  for (let one = bytes.indexOf(1, from + 2); one >= 0;) {
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0) return one - 2;
    one = bytes.indexOf(1, one + 1);
  }
  return bytes.length;
}

/**
 * Makes a byte stream of the units that an RTP payload has together, each after
 * its size (uint16, big-endian): a STAP-A of RFC 6184 §5.7.1, or an aggregation
 * packet of RFC 7798 §4.4.2.
 *
 * @param from where the first size is.
 * @param isUnit whether that can be a unit.
 * @returns undefined if there is none, one is none, or one doesn't fit into it.
 */
export function aggregatedUnits(
  payload: Uint8Array,
  from: number,
  isUnit: (unit: Uint8Array) => boolean,
): Uint8Array | undefined {
  const sizes: number[] = [];
  for (let at = from; at < payload.length;) {
    const size = payload[at] << 8 | payload[at + 1];
    at += 2;
    if (size === 0 || at + size > payload.length) return;
    if (!isUnit(payload.subarray(at, at + size))) return;
    sizes.push(size);
    at += size;
  }
  if (sizes.length === 0) return;
  // Sizes of 2 bytes become start codes of 4. One buffer: there can be
  // thousands of tiny NAL units in a payload.
  const data = new Uint8Array(payload.length - from + 2 * sizes.length);
  let to = 0;
  for (const size of sizes) {
    data.set(START_CODE, to);
    data.set(payload.subarray(from + 2, from + 2 + size), to + 4);
    from += 2 + size;
    to += 4 + size;
  }
  return data;
}

/** Drops the 03 of each 00 00 03 (H.264 §7.4.1, H.265 §7.4.2). */
export function removeEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** A whole NAL unit, or the first part of one, in a frame. */
export function nalPart(
  data: Uint8Array[],
  begins: FramePart["begins"],
  coded: boolean,
): FramePart {
  return { data, begins, coded, continues: false, open: false, ends: false };
}
