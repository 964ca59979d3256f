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
  TWO_BYTE_STEPS,
} from "./first_stage.ts";

/**
 * Added to a double of less than 2^51, this leaves the nearest integer, half
 * to even, in the low bits. Differences of such sums are exact.
 */
const ROUND = 1.5 * 2 ** 52;

/** One more than the longest difference of a fast point, squared. */
const FAST_SQUARE = (TWO_BYTE_STEPS + 1) ** 2;

const TABLE_CENTER = TWO_BYTE_STEPS + 1;

/**
 * By difference + TABLE_CENTER: its varint's two bytes, and above their number.
 */
const VARINTS = new Int32Array(2 * TABLE_CENTER);
for (let delta = -TWO_BYTE_STEPS; delta <= TWO_BYTE_STEPS; delta++) {
  const u = ((delta << 1) ^ (delta >> 31)) + 1;
  VARINTS[delta + TABLE_CENTER] = u < 128
    ? u | 1 << 16
    : u & 127 | 128 | u >> 7 << 8 | 2 << 16;
}

// Encoding a chunk is one synchronous call, so all encoders share its scratch
// memory; as constants they cost the loops no checks.

/** The bytes of a chunk, and those that a store of four may touch. */
const stage = new Uint8Array(CHUNK_POINTS * 4 * MAX_STEP_BYTES + 4);
const stageView = new DataView(stage.buffer);
/** Steps of the previous point. */
const previous = new Int32Array(4);
const progress: Progress = { byte: 0, resumed: 0, burst: 1 };

/**
 * Encodes one chunk.
 *
 * @param values interleaved; NaN is kept.
 * @param start index of the chunk's first value in `values`.
 * @param points at most `CHUNK_POINTS`.
 * @param multipliers float32 steps for one unit, of each of 3 or 4 fields.
 * @returns a view of shared memory, valid until the next call; `undefined`
 * when int32 can't hold a value's steps.
 */
export function encodeLeading(
  values: Float32Array,
  start: number,
  points: number,
  multipliers: Float64Array,
): Uint8Array | undefined {
  const encodeFast = multipliers.length === 3 ? encodeFast3 : encodeFast4;
  const end = start + points * multipliers.length;
  previous.fill(0);
  progress.byte = 0;
  progress.resumed = start;
  progress.burst = 1;
  for (let i = start; i < end;) {
    i = encodeFast(values, i, end, multipliers);
    if (i < end) i = encodeBurst(values, i, end, multipliers);
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
): number {
  const fields = multipliers.length;
  const fastPoints = (start - progress.resumed) / fields;
  const stop = start + nextBurst(progress, fastPoints) * fields;
  let at = progress.byte;
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
  } while (i < end && (i < stop || isFar || values[i] !== values[i]));
  progress.resumed = i;
  progress.byte = at;
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
