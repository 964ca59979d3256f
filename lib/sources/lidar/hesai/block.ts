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

/** A block, and what else its points need. */
export interface BlockOptions {
  payload: Uint8Array;
  block: number;
  /** Where its first channel is. */
  at: number;
  /** Hundredths of a degree, within a turn. */
  azimuth: number;
  layout: Layout;
  turn: TurnTables;
  /** How fast the head turns, hundredths of a degree in a microsecond. */
  rate: number;
  /** Metres of a step of distance. */
  step: number;
  /** Microseconds from the scan's first point to the block's time. */
  micros: number;
}

/**
 * Adds the points of a block to a scan, which has room for them, in the axes of
 * Hesai's manuals and drivers: y at azimuth 0, x at 90 degrees clockwise, z up.
 */
export function decodeBlock(points: ScanPoints, options: BlockOptions): void {
  const { payload, block, at: first, azimuth, layout } = options;
  const { turn, rate, step, micros } = options;
  const { channels, cos, sin, azimuthOffset, channelMicros } = layout;
  const { sinceAzimuth } = layout;
  const { floats, words, halves, bytes } = points;
  const { unit } = layout.model;
  const number = block % layout.returns;
  const toFirst = number * layout.blockBytes;
  let point = points.points;
  for (let channel = 0; channel < channels; channel++) {
    const at = first + channel * unit;
    const steps = payload[at] | payload[at + 1] << 8;
    if (steps === 0) continue;
    if (number > 0 && isTwin(payload, at, at - toFirst)) continue;
    const angle = azimuth + rate * sinceAzimuth[channel] +
      azimuthOffset[channel];
    // The nearest of the table's angles, and the tangent from there.
    const near = Math.floor(angle + 0.5);
    const beyond = (angle - near) * HUNDREDTH;
    const ahead = turn.cos[near + TURN_MARGIN];
    const aside = turn.sin[near + TURN_MARGIN];
    const range = steps * step;
    const across = range * cos[channel];
    const to = point * POINT_WORDS;
    floats[to] = across * (aside + beyond * ahead);
    floats[to + 1] = across * (ahead - beyond * aside);
    floats[to + 2] = range * sin[channel];
    words[to + 3] = (micros + channelMicros[channel]) * 1000 + 0.5;
    halves[point * POINT_HALVES + HALF_AT] = channel;
    bytes[point * POINT_BYTES + FIRST_BYTE_AT] = payload[at + 2];
    bytes[point * POINT_BYTES + SECOND_BYTE_AT] = number;
    point++;
  }
  points.points = point;
}
