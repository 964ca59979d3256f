import type { MediaCodec } from "./frame.ts";
import { nalUnits } from "./h264.ts";

/**
 * Splits a whole frame into the payloads of RTP packets, none longer than
 * `most` bytes: VP8 by RFC 7741, H.264 by RFC 6184 in mode 1, Opus as it is
 * (RFC 7587).
 *
 * VP8 has no picture ids: whoever leaves out frames that no other needs would
 * have to write them anew, or they would be waited for.
 *
 * @param frame as {@linkcode MediaFrame} has it.
 */
export function packetize(
  codec: MediaCodec,
  frame: Uint8Array,
  most: number,
): Uint8Array[] {
  switch (codec) {
    case "VP8":
      return packetizeVp8(frame, most);
    case "H264":
      return packetizeH264(frame, most);
    case "opus":
      return [frame];
  }
}

const VP8_DESCRIPTOR_BYTES = 1;

function packetizeVp8(frame: Uint8Array, most: number): Uint8Array[] {
  const parts = evenParts(frame, most - VP8_DESCRIPTOR_BYTES);
  return parts.map((part, i) => {
    const payload = new Uint8Array(VP8_DESCRIPTOR_BYTES + part.length);
    // S where the first partition starts.
    payload[0] = i === 0 ? 0x10 : 0;
    payload.set(part, VP8_DESCRIPTOR_BYTES);
    return payload;
  });
}

const STAP_A = 24;
const FU_A = 28;
const FU_HEADER_BYTES = 2;
const ACCESS_UNIT_DELIMITER = 9;

function packetizeH264(accessUnit: Uint8Array, most: number): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const endAggregate = () => {
    if (small.length > 0) payloads.push(aggregate(small));
    small = [];
  };
  for (const unit of nalUnits(accessUnit)) {
    // RTP has the timestamp and the marker for this.
    if ((unit[0] & 0x1f) === ACCESS_UNIT_DELIMITER) continue;
    if (aggregateBytes([...small, unit]) > most) endAggregate();
    if (unit.length > most) payloads.push(...fragment(unit, most));
    else small.push(unit);
  }
  endAggregate();
  return payloads;
}

function aggregateBytes(units: Uint8Array[]): number {
  return units.reduce((sum, unit) => sum + 2 + unit.length, 1);
}

/** One unit as it is, several as a STAP-A. */
function aggregate(units: Uint8Array[]): Uint8Array {
  if (units.length === 1) return units[0];
  const payload = new Uint8Array(aggregateBytes(units));
  const importance = Math.max(...units.map((unit) => unit[0] & 0x60));
  payload[0] = importance | STAP_A;
  let at = 1;
  for (const unit of units) {
    payload[at] = unit.length >> 8;
    payload[at + 1] = unit.length & 0xff;
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
}

function fragment(unit: Uint8Array, most: number): Uint8Array[] {
  const parts = evenParts(unit.subarray(1), most - FU_HEADER_BYTES);
  return parts.map((part, i) => {
    const payload = new Uint8Array(FU_HEADER_BYTES + part.length);
    const isFirst = i === 0 ? 0x80 : 0;
    const isLast = i === parts.length - 1 ? 0x40 : 0;
    payload[0] = unit[0] & 0xe0 | FU_A;
    payload[1] = isFirst | isLast | unit[0] & 0x1f;
    payload.set(part, FU_HEADER_BYTES);
    return payload;
  });
}

/** As few parts as fit, of about the same length. */
function evenParts(bytes: Uint8Array, most: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / most);
  const at = (i: number) => Math.round(i * bytes.length / count);
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(at(i), at(i + 1)),
  );
}
