/**
 * Encodes the float32 fields that come first, where no other field stands among
 * a chunk's points: values to whole steps of a resolution, their differences
 * from point to point, zigzag, base-128 varints.
 *
 * The loops are written for V8's optimizing compiler: a point whose
 * differences all fit two bytes, nearly every one, takes no branch that
 * depends on the data, and the fast loops call nothing, as a call would have
 * them keep their variables in memory.
 */
import {
  CHUNK_POINTS,
  FAST_STEPS,
  MAX_STEP_BYTES,
  nextBurst,
  type Progress,
  ROUND as ROUNDING,
  TWO_BYTE_STEPS,
  VARINTS as TABLE,
} from "./first_stage.ts";
import * as tokens from "./tokens.ts";

// As constants of this module they cost the loops no checks.
const ROUND = ROUNDING;
const VARINTS = TABLE;
const tokenLow = tokens.low, tokenMiddle = tokens.middle;
const tokenHigh = tokens.high, tokenLengths = tokens.lengths;

/** The most further fields of a point, whose tokens follow the leading ones. */
export const MAX_TOKENS = 2;

/** One more than the longest difference of a fast point, squared. */
const FAST_SQUARE = (TWO_BYTE_STEPS + 1) ** 2;

const TABLE_CENTER = TWO_BYTE_STEPS + 1;

// Encoding a chunk is one synchronous call, so all encoders share its scratch
// memory; as constants they cost the loops no checks.

/** The bytes of a chunk, and those that a store may touch after them. */
const stage = new Uint8Array(
  CHUNK_POINTS * (4 * MAX_STEP_BYTES + MAX_TOKENS * tokens.MAX_TOKEN_BYTES) +
    tokens.TOKEN_SLACK,
);
const stageView = new DataView(stage.buffer);
/** Steps of the previous point. */
const previous = new Int32Array(4);
const progress: Progress = { byte: 0, resumed: 0, burst: 1 };
/** The next point's first token. */
let token = 0;

/** Begins a chunk. */
export function beginLeading(): void {
  previous.fill(0);
  progress.byte = 0;
}

/**
 * Encodes points of a chunk, of which there are `CHUNK_POINTS` at most. The
 * first time takes `beginLeading`.
 *
 * @param values interleaved; NaN is kept.
 * @param start index of the first value in `values`.
 * @param multipliers float32 steps for one unit, of each of 3 or 4 fields.
 * @param rest tokens that follow each point's leading values, at most
 * `MAX_TOKENS`.
 * @returns the chunk's bytes up to here: a view of shared memory, valid until
 * the next call; `undefined` when int32 can't hold a value's steps.
 */
export function encodeLeading(
  values: Float32Array,
  start: number,
  points: number,
  multipliers: Float64Array,
  rest = 0,
): Uint8Array | undefined {
  const encodeFast = rest > 0
    ? encodeMixed
    : multipliers.length === 3
    ? encodeFast3
    : encodeFast4;
  const end = start + points * multipliers.length;
  progress.resumed = start;
  progress.burst = 1;
  token = 0;
  for (let i = start; i < end;) {
    i = encodeFast(values, i, end, multipliers, rest);
    if (i < end) i = encodeBurst(values, i, end, multipliers, rest);
    if (i < 0) return undefined;
  }
  return stage.subarray(0, progress.byte);
}

/**
 * Encodes points of 3 fields, up to the first whose differences don't fit two
 * bytes.
 *
 * @returns where that point's values begin; `end` when there is none.
 */
function encodeFast3(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
): number {
  const mx = multipliers[0], my = multipliers[1], mz = multipliers[2];
  let px = previous[0] + ROUND;
  let py = previous[1] + ROUND;
  let pz = previous[2] + ROUND;
  let at = progress.byte;
  // Said here, types and bounds need no checks within the loop.
  const last = Math.min(values.length, end) | 0;
  let i = start | 0;
  for (; i < last; i = i + 3 | 0) {
    const x = Math.fround(values[i] * mx) + ROUND;
    const y = Math.fround(values[i + 1] * my) + ROUND;
    const z = Math.fround(values[i + 2] * mz) + ROUND;
    const dx = x - px, dy = y - py, dz = z - pz;
    // False for NaN too.
    if (!(dx * dx + dy * dy + dz * dz < FAST_SQUARE)) break;
    px = x;
    py = y;
    pz = z;
    const vx = VARINTS[(dx | 0) + TABLE_CENTER];
    stageView.setInt16(at, vx, true);
    at = at + (vx >> 16) | 0;
    const vy = VARINTS[(dy | 0) + TABLE_CENTER];
    stageView.setInt16(at, vy, true);
    at = at + (vy >> 16) | 0;
    const vz = VARINTS[(dz | 0) + TABLE_CENTER];
    stageView.setInt16(at, vz, true);
    at = at + (vz >> 16) | 0;
  }
  previous[0] = px - ROUND;
  previous[1] = py - ROUND;
  previous[2] = pz - ROUND;
  progress.byte = at;
  return i;
}

/** As `encodeFast3`, for points of 4 fields. */
function encodeFast4(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
): number {
  const mx = multipliers[0], my = multipliers[1], mz = multipliers[2];
  const mw = multipliers[3];
  let px = previous[0] + ROUND;
  let py = previous[1] + ROUND;
  let pz = previous[2] + ROUND;
  let pw = previous[3] + ROUND;
  let at = progress.byte;
  const last = Math.min(values.length, end) | 0;
  let i = start | 0;
  for (; i < last; i = i + 4 | 0) {
    const x = Math.fround(values[i] * mx) + ROUND;
    const y = Math.fround(values[i + 1] * my) + ROUND;
    const z = Math.fround(values[i + 2] * mz) + ROUND;
    const w = Math.fround(values[i + 3] * mw) + ROUND;
    const dx = x - px, dy = y - py, dz = z - pz, dw = w - pw;
    if (!(dx * dx + dy * dy + dz * dz + dw * dw < FAST_SQUARE)) break;
    px = x;
    py = y;
    pz = z;
    pw = w;
    const vx = VARINTS[(dx | 0) + TABLE_CENTER];
    stageView.setInt16(at, vx, true);
    at = at + (vx >> 16) | 0;
    const vy = VARINTS[(dy | 0) + TABLE_CENTER];
    stageView.setInt16(at, vy, true);
    at = at + (vy >> 16) | 0;
    const vz = VARINTS[(dz | 0) + TABLE_CENTER];
    stageView.setInt16(at, vz, true);
    at = at + (vz >> 16) | 0;
    const vw = VARINTS[(dw | 0) + TABLE_CENTER];
    stageView.setInt16(at, vw, true);
    at = at + (vw >> 16) | 0;
  }
  previous[0] = px - ROUND;
  previous[1] = py - ROUND;
  previous[2] = pz - ROUND;
  previous[3] = pw - ROUND;
  progress.byte = at;
  return i;
}

/**
 * As `encodeFast3` and `encodeFast4`, with tokens after the fields of a point.
 */
function encodeMixed(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
  rest: number,
): number {
  const fields = multipliers.length;
  const mx = multipliers[0], my = multipliers[1], mz = multipliers[2];
  const mw = fields === 4 ? multipliers[3] : 0;
  let px = previous[0] + ROUND;
  let py = previous[1] + ROUND;
  let pz = previous[2] + ROUND;
  let pw = previous[3] + ROUND;
  let at = progress.byte, next = token;
  const last = Math.min(values.length, end) | 0;
  let i = start | 0;
  for (; i < last; i = i + fields | 0) {
    const x = Math.fround(values[i] * mx) + ROUND;
    const y = Math.fround(values[i + 1] * my) + ROUND;
    const z = Math.fround(values[i + 2] * mz) + ROUND;
    const w = fields === 4 ? Math.fround(values[i + 3] * mw) + ROUND : ROUND;
    const dx = x - px, dy = y - py, dz = z - pz, dw = w - pw;
    if (!(dx * dx + dy * dy + dz * dz + dw * dw < FAST_SQUARE)) break;
    px = x;
    py = y;
    pz = z;
    pw = w;
    const vx = VARINTS[(dx | 0) + TABLE_CENTER];
    stageView.setInt16(at, vx, true);
    at = at + (vx >> 16) | 0;
    const vy = VARINTS[(dy | 0) + TABLE_CENTER];
    stageView.setInt16(at, vy, true);
    at = at + (vy >> 16) | 0;
    const vz = VARINTS[(dz | 0) + TABLE_CENTER];
    stageView.setInt16(at, vz, true);
    at = at + (vz >> 16) | 0;
    if (fields === 4) {
      const vw = VARINTS[(dw | 0) + TABLE_CENTER];
      stageView.setInt16(at, vw, true);
      at = at + (vw >> 16) | 0;
    }
    for (const stop = next + rest | 0; next < stop; next = next + 1 | 0) {
      const length = tokenLengths[next];
      stageView.setInt32(at, tokenLow[next], true);
      if (length > 4) {
        stageView.setInt32(at + 4, tokenMiddle[next], true);
        stageView.setInt32(at + 8, tokenHigh[next], true);
      }
      at = at + length | 0;
    }
  }
  previous[0] = px - ROUND;
  previous[1] = py - ROUND;
  previous[2] = pz - ROUND;
  previous[3] = pw - ROUND;
  progress.byte = at;
  token = next;
  return i;
}

/**
 * Encodes points of any kind: one at least, and on until a fast loop may take
 * over.
 *
 * @returns where the next point's values begin; -1 when int32 can't hold a
 * value.
 */
function encodeBurst(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
  rest: number,
): number {
  const fields = multipliers.length;
  const fastPoints = (start - progress.resumed) / fields;
  const stop = start + nextBurst(progress, fastPoints) * fields;
  let at = progress.byte, next = token;
  let i = start;
  let isFar = false;
  do {
    isFar = false;
    for (let field = 0; field < fields; field++) {
      const steps = Math.fround(values[i++] * multipliers[field]);
      if (!(Math.abs(steps) < FAST_STEPS)) {
        if (steps !== steps) {
          stage[at++] = 0;
          previous[field] = 0;
          continue;
        }
        if (!(steps >= -(2 ** 31) && steps < 2 ** 31)) return -1;
        isFar = true;
      }
      const whole = steps + ROUND - ROUND | 0;
      // As in the reference, differences wrap in int32, and so do the sums that
      // undo them.
      const delta = whole - previous[field] | 0;
      previous[field] = whole;
      const zigzag = delta << 1 ^ delta >> 31;
      at = zigzag >>> 0 < 2 ** 28 - 1
        ? writeVarint28(zigzag + 1, at)
        : writeVarint((zigzag >>> 0) + 1, at);
    }
    for (const last = next + rest | 0; next < last; next = next + 1 | 0) {
      const length = tokenLengths[next];
      stageView.setInt32(at, tokenLow[next], true);
      if (length > 4) {
        stageView.setInt32(at + 4, tokenMiddle[next], true);
        stageView.setInt32(at + 8, tokenHigh[next], true);
      }
      at = at + length | 0;
    }
  } while (i < end && (i < stop || isFar || values[i] !== values[i]));
  progress.resumed = i;
  progress.byte = at;
  token = next;
  return i;
}

/** Writes a varint of less than 2^28, as one store of four bytes. */
function writeVarint28(u: number, at: number): number {
  // By 7 bits each; 37 / 256 stands for 1 / 7.
  const more = (31 - Math.clz32(u)) * 37 >> 8;
  const continued = 0x808080 >> 24 - 8 * more;
  const spread = u & 127 | (u & 127 << 7) << 1 | (u & 127 << 14) << 2 |
    (u & 127 << 21) << 3;
  stageView.setInt32(at, spread | continued, true);
  return at + more + 1;
}

function writeVarint(u: number, at: number): number {
  for (; u > 127; u = Math.floor(u / 128)) stage[at++] = u & 127 | 128;
  stage[at++] = u;
  return at;
}
