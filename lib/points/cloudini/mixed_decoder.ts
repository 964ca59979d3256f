/**
 * Decodes leading fields with one other after them, or none, where the points
 * have more to them: most real clouds. Written as `leading_decoder.ts` is.
 */
import { FAST_STEPS, TWO_BYTE_STEPS } from "./first_stage.ts";
import {
  Kind,
  leading,
  NO_VALUE,
  type PointsPlan,
  previousHigh,
  previousLow,
} from "./points_plan.ts";
import type { StageReader } from "./stage_reader.ts";

/** The difference that a varint of one or two bytes stands for. */
const DELTAS = new Float64Array(2 * TWO_BYTE_STEPS + 2);
for (let u = 1; u < DELTAS.length; u++) DELTAS[u] = (u - 1 >> 1) ^ -(u - 1 & 1);

/**
 * Below this high half, a whole chunk of differences that fit two bytes can't
 * lead out of the exact doubles.
 */
const MAX_EXACT_HIGH = 2 ** 21 - 1;

/** The other field, where there is none. */
const NONE = -1;

/**
 * Decodes points up to the first that has NaN or a longer varint, or that is so
 * near to the end that it might be cut off.
 *
 * @returns where that point begins; `end` when there is none.
 */
export function decodeMixed(
  stage: Uint8Array,
  stageView: DataView,
  reader: StageReader,
  view: DataView,
  start: number,
  end: number,
  stride: number,
  { kinds, offsets, resolutions, fastBytes }: PointsPlan,
): number {
  const fields = kinds.length;
  const has4 = fields > 3 && kinds[3] === Kind.leading;
  const rest = has4 ? 4 : 3;
  const kind = fields > rest ? kinds[rest] : NONE;
  const ox = offsets[0], oy = offsets[1], oz = offsets[2];
  const ow = has4 ? offsets[3] : 0, or = fields > rest ? offsets[rest] : 0;
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  const rw = has4 ? resolutions[3] : 0;
  const rr = fields > rest ? resolutions[rest] : 0;
  let px = previousLow[0], py = previousLow[1], pz = previousLow[2];
  let pw = has4 ? previousLow[3] : 0;
  const low = previousLow[rest], high = previousHigh[rest];
  let pr = high * 2 ** 32 + (low >>> 0);
  const isFar = Math.abs(px) >= FAST_STEPS || Math.abs(py) >= FAST_STEPS ||
    Math.abs(pz) >= FAST_STEPS || Math.abs(pw) >= FAST_STEPS ||
    kind === Kind.steps64 && Math.abs(high) >= MAX_EXACT_HIGH ||
    kind === Kind.packedXor && leading[rest] === NO_VALUE;
  if (isFar) return start;
  const lastByte = stage.length - fastBytes;
  let next = reader.at;
  let point = start;
  for (; point < end && next <= lastByte; point += stride) {
    let x = stage[next];
    let after = next + 1 | 0;
    if (x > 127) {
      const more = stage[after];
      if (more > 127) break;
      x = x & 127 | more << 7;
      after = after + 1 | 0;
    }
    let y = stage[after];
    after = after + 1 | 0;
    if (y > 127) {
      const more = stage[after];
      if (more > 127) break;
      y = y & 127 | more << 7;
      after = after + 1 | 0;
    }
    let z = stage[after];
    after = after + 1 | 0;
    if (z > 127) {
      const more = stage[after];
      if (more > 127) break;
      z = z & 127 | more << 7;
      after = after + 1 | 0;
    }
    let w = 1;
    if (has4) {
      w = stage[after];
      after = after + 1 | 0;
      if (w > 127) {
        const more = stage[after];
        if (more > 127) break;
        w = w & 127 | more << 7;
        after = after + 1 | 0;
      }
    }
    if (x === 0 || y === 0 || z === 0 || w === 0) break;
    if (kind === Kind.packedXor) {
      if ((stage[after] & 1) !== 0) break;
      after = after + 1 | 0;
      view.setInt32(point + or, low, true);
      view.setInt32(point + or + 4, high, true);
    } else if (kind === Kind.steps64) {
      let u = stage[after];
      after = after + 1 | 0;
      if (u > 127) {
        const more = stage[after];
        if (more > 127) break;
        u = u & 127 | more << 7;
        after = after + 1 | 0;
      }
      if (u === 0) break;
      pr += DELTAS[u];
      view.setFloat64(point + or, pr * rr, true);
    } else if (kind === Kind.raw) {
      view.setInt32(point + or, stageView.getInt32(after, true), true);
      after = after + 4 | 0;
    }
    px += DELTAS[x];
    py += DELTAS[y];
    pz += DELTAS[z];
    view.setFloat32(point + ox, px * rx, true);
    view.setFloat32(point + oy, py * ry, true);
    view.setFloat32(point + oz, pz * rz, true);
    if (has4) {
      pw += DELTAS[w];
      view.setFloat32(point + ow, pw * rw, true);
    }
    next = after;
  }
  previousLow[0] = px;
  previousLow[1] = py;
  previousLow[2] = pz;
  if (has4) previousLow[3] = pw;
  if (kind === Kind.steps64) {
    previousLow[rest] = pr;
    previousHigh[rest] = Math.floor(pr / 2 ** 32);
  }
  reader.at = next;
  return point;
}
