/**
 * Decodes points of 3 or 4 leading fields and what follows them, as long as
 * nothing out of the ordinary comes: steps of one and two bytes, values as they
 * are, and float64 that stay what they were.
 *
 * The loop is written for V8's optimizing compiler: it calls nothing, as a call
 * would have it keep its variables in memory.
 */
import { FAST_STEPS, TWO_BYTE_STEPS } from "./first_stage.ts";
import type { RuledField } from "./rules.ts";
import type { Target } from "./sections_decoder.ts";
import { typeBytes } from "../field.ts";

/** The difference that a varint of one or two bytes stands for. */
const DELTAS = new Float64Array(2 * TWO_BYTE_STEPS + 2);
for (let u = 1; u < DELTAS.length; u++) {
  DELTAS[u] = (u - 1 >> 1) ^ -(u - 1 & 1);
}

/** How to decode the points that the fast loop is for. */
export interface FastPlan {
  /** Leading fields: 3 or 4. */
  readonly leading: number;
  /** Of each leading field. */
  readonly resolutions: Float64Array;
  readonly offsets: Uint32Array;
  /** Of each field behind: bytes that are copied; 0 for float64. */
  readonly tailBytes: Uint8Array;
  readonly tailOffsets: Uint32Array;
  /** The most bytes of a point that the loop takes. */
  readonly maxBytes: number;
}

/** What both loops share: the values of the point before. */
export interface Previous {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Prepares for fields, where the fast loop is for them. */
export function planFast(fields: readonly RuledField[]): FastPlan | undefined {
  const leading = fields.filter(({ rule }) => rule === "leading");
  const tail = fields.slice(leading.length);
  const isFast = leading.length > 0 &&
    tail.every(({ rule }) => rule === "raw" || rule === "packed-xor");
  if (!isFast) return undefined;
  const tailBytes = tail.map(({ rule, type }) =>
    rule === "raw" ? typeBytes(type) : 0
  );
  return {
    leading: leading.length,
    resolutions: Float64Array.from(leading, ({ resolution }) => resolution!),
    offsets: Uint32Array.from(leading, ({ offset }) => offset),
    tailBytes: Uint8Array.from(tailBytes),
    tailOffsets: Uint32Array.from(tail, ({ offset }) => offset),
    maxBytes: 2 * leading.length +
      tailBytes.reduce((sum: number, bytes) => sum + Math.max(1, bytes), 0),
  };
}

/** Where the last call got to. */
export const reached = { byte: 0, points: 0 };

/**
 * Decodes points, up to the first that is not for it, or that is so near to the
 * end that it might be cut off. `reached` says how far it came.
 *
 * @param from the first point's index in the target.
 */
export function decodeFastPoints(
  stage: Uint8Array,
  start: number,
  { view, start: first, stride, points }: Target,
  from: number,
  plan: FastPlan,
  previous: Previous,
): void {
  const { resolutions, offsets, tailBytes, tailOffsets } = plan;
  const { low, high } = previous;
  const isFour = plan.leading === 4;
  const tail = tailBytes.length;
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  const rw = isFour ? resolutions[3] : 0;
  const ox = offsets[0], oy = offsets[1], oz = offsets[2];
  const ow = isFour ? offsets[3] : 0;
  let px = low[0], py = low[1], pz = low[2], pw = isFour ? low[3] : 0;
  let at = start;
  let i = from;
  const isNear = Math.abs(px) < FAST_STEPS && Math.abs(py) < FAST_STEPS &&
    Math.abs(pz) < FAST_STEPS && Math.abs(pw) < FAST_STEPS;
  const lastByte = isNear ? stage.length - plan.maxBytes : -1;
  let point = first + from * stride;
  points: for (; i < points && at <= lastByte; i++, point += stride) {
    let x = stage[at];
    let next = at + 1 | 0;
    if (x > 127) {
      const top = stage[next];
      if (top > 127) break;
      x = x & 127 | top << 7;
      next = next + 1 | 0;
    }
    let y = stage[next];
    next = next + 1 | 0;
    if (y > 127) {
      const top = stage[next];
      if (top > 127) break;
      y = y & 127 | top << 7;
      next = next + 1 | 0;
    }
    let z = stage[next];
    next = next + 1 | 0;
    if (z > 127) {
      const top = stage[next];
      if (top > 127) break;
      z = z & 127 | top << 7;
      next = next + 1 | 0;
    }
    let w = 1;
    if (isFour) {
      w = stage[next];
      next = next + 1 | 0;
      if (w > 127) {
        const top = stage[next];
        if (top > 127) break;
        w = w & 127 | top << 7;
        next = next + 1 | 0;
      }
    }
    if (x === 0 || y === 0 || z === 0 || w === 0) break;
    for (let field = 0; field < tail; field++) {
      const bytes = tailBytes[field];
      const to = point + tailOffsets[field];
      switch (bytes) {
        case 0:
          if ((stage[next] & 1) !== 0) break points;
          next = next + 1 | 0;
          view.setInt32(to, low[plan.leading + field], true);
          view.setInt32(to + 4, high[plan.leading + field], true);
          break;
        case 4:
          view.setInt32(
            to,
            stage[next] | stage[next + 1] << 8 | stage[next + 2] << 16 |
              stage[next + 3] << 24,
            true,
          );
          next = next + 4 | 0;
          break;
        default:
          for (let byte = 0; byte < bytes; byte++) {
            view.setUint8(to + byte, stage[next + byte]);
          }
          next = next + bytes | 0;
      }
    }
    px += DELTAS[x];
    py += DELTAS[y];
    pz += DELTAS[z];
    view.setFloat32(point + ox, px * rx, true);
    view.setFloat32(point + oy, py * ry, true);
    view.setFloat32(point + oz, pz * rz, true);
    if (isFour) {
      pw += DELTAS[w];
      view.setFloat32(point + ow, pw * rw, true);
    }
    at = next;
  }
  low[0] = px;
  low[1] = py;
  low[2] = pz;
  if (isFour) low[3] = pw;
  reached.byte = at;
  reached.points = i;
}
