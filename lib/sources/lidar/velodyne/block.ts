import { isTwin } from "../is_twin.ts";
import {
  FIRST_BYTE_AT,
  HALF_AT,
  POINT_BYTES,
  POINT_HALVES,
  POINT_WORDS,
  type ScanPoints,
  SECOND_BYTE_AT,
} from "../scan_points.ts";
import { HUNDREDTH, TURN_MARGIN, type TurnTables } from "../turn.ts";
import type { Layout } from "./layout.ts";
import {
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  CHANNEL_BYTES,
  CHANNELS,
} from "./packet.ts";

/** Which return a point is. */
const STRONGEST = 1;
const LAST = 2;
const STRONGEST_AND_LAST = 3;

/** A block, and what else its points need. */
export interface BlockOptions {
  payload: Uint8Array;
  block: number;
  /** Hundredths of a degree, within a turn. */
  azimuth: number;
  layout: Layout;
  turn: TurnTables;
  /** How fast the head turns, hundredths of a degree in a microsecond. */
  rate: number;
  /** Microseconds from the scan's first point to the packet's time. */
  micros: number;
}

/**
 * Adds the points of a block to a scan, which has room for them: x ahead, y to
 * the left, z up (REP 103), where Velodyne's azimuths turn clockwise from y.
 */
export function decodeBlock(
  points: ScanPoints,
  { payload, block, azimuth, layout, turn, rate, micros }: BlockOptions,
): void {
  const { firings, lasers, resolution } = layout;
  const { floats, words, halves, bytes } = points;
  const { isDual } = firings;
  const isLast = isDual ? block % 2 === 0 : layout.isLast;
  const toTwin = block % 2 === 0 ? BLOCK_BYTES : -BLOCK_BYTES;
  let point = points.points;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const at = block * BLOCK_BYTES + BLOCK_HEADER_BYTES +
      channel * CHANNEL_BYTES;
    const steps = payload[at] | payload[at + 1] << 8;
    if (steps === 0) continue;
    let kind = isLast ? LAST : STRONGEST;
    if (isDual && isTwin(payload, at, at + toTwin)) {
      if (!isLast) continue;
      kind = STRONGEST_AND_LAST;
    }
    const firing = block * CHANNELS + channel;
    const laser = firings.laser[firing];
    const angle = azimuth + rate * firings.sinceAzimuth[firing] +
      lasers.azimuthOffset[laser];
    // The nearest of the table's angles, and the tangent from there.
    const near = Math.floor(angle + 0.5);
    const beyond = (angle - near) * HUNDREDTH;
    const cos = turn.cos[near + TURN_MARGIN];
    const sin = turn.sin[near + TURN_MARGIN];
    const range = steps * resolution;
    const across = range * lasers.cos[laser];
    const to = point * POINT_WORDS;
    floats[to] = across * (cos - beyond * sin);
    floats[to + 1] = -across * (sin + beyond * cos);
    floats[to + 2] = range * lasers.sin[laser] + lasers.height[laser];
    words[to + 3] = (micros + firings.micros[firing]) * 1000 + 0.5;
    halves[point * POINT_HALVES + HALF_AT] = lasers.ring[laser];
    bytes[point * POINT_BYTES + FIRST_BYTE_AT] = payload[at + 2];
    bytes[point * POINT_BYTES + SECOND_BYTE_AT] = kind;
    point++;
  }
  points.points = point;
}
