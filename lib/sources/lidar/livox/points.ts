import {
  FIRST_BYTE_AT,
  HALF_AT,
  POINT_BYTES as OUR_BYTES,
  POINT_HALVES,
  POINT_WORDS,
  type ScanPoints,
  SECOND_BYTE_AT,
} from "../scan_points.ts";
import { HEADER_BYTES, POINT_BYTES, POINT_TYPE, TYPE_AT } from "./packet.ts";

/** Beams of a Mid-360, which take turns. */
const LINES = 4;

/** Radians of a hundredth of a degree. */
const HUNDREDTH = Math.PI / 18_000;

/**
 * Adds a checked packet's points to a frame, which has room for them. Livox's
 * axes are those of REP 103.
 *
 * @param time nanoseconds from the frame's first point to the packet's, and
 * from one of its points to the next.
 */
export function decodePoints(
  points: ScanPoints,
  packet: DataView<ArrayBufferLike>,
  { ns, step }: { ns: number; step: number },
): void {
  const type = packet.getUint8(TYPE_AT);
  const size = POINT_BYTES.get(type)!;
  const { floats, words, halves, bytes } = points;
  let point = points.points;
  const { byteLength } = packet;
  for (let at = HEADER_BYTES, i = 0; at < byteLength; at += size, i++) {
    const to = point * POINT_WORDS;
    if (!writePosition(floats, to, packet, { at, type })) continue;
    words[to + 3] = ns + i * step + 0.5;
    halves[point * POINT_HALVES + HALF_AT] = i % LINES;
    const ours = point * OUR_BYTES;
    bytes[ours + FIRST_BYTE_AT] = packet.getUint8(at + size - 2);
    bytes[ours + SECOND_BYTE_AT] = packet.getUint8(at + size - 1);
    point++;
  }
  points.points = point;
}

/** @returns false where nothing came back: a point at the origin. */
function writePosition(
  floats: Float32Array,
  to: number,
  packet: DataView<ArrayBufferLike>,
  { at, type }: { at: number; type: number },
): boolean {
  let x: number, y: number, z: number;
  if (type === POINT_TYPE.cartesian) {
    x = packet.getInt32(at, true) / 1000;
    y = packet.getInt32(at + 4, true) / 1000;
    z = packet.getInt32(at + 8, true) / 1000;
  } else if (type === POINT_TYPE.coarse) {
    x = packet.getInt16(at, true) / 100;
    y = packet.getInt16(at + 2, true) / 100;
    z = packet.getInt16(at + 4, true) / 100;
  } else {
    const range = packet.getUint32(at, true) / 1000;
    const zenith = packet.getUint16(at + 4, true) * HUNDREDTH;
    const azimuth = packet.getUint16(at + 6, true) * HUNDREDTH;
    x = range * Math.sin(zenith) * Math.cos(azimuth);
    y = range * Math.sin(zenith) * Math.sin(azimuth);
    z = range * Math.cos(zenith);
  }
  floats[to] = x;
  floats[to + 1] = y;
  floats[to + 2] = z;
  return x !== 0 || y !== 0 || z !== 0;
}
