/**
 * The first stage of Cloudini's lossy encoding: float32 values to whole steps
 * of a resolution, their differences from point to point, zigzag, base-128
 * varints.
 *
 * The loops are written for V8's optimizing compiler: a point whose
 * differences all fit two bytes, nearly every one, takes no branch that
 * depends on the data. What is rare is left to `writeRarePoints`, outside the loop.
 */
import {
  CHUNK_POINTS,
  FAST_STEPS,
  MAX_VALUE_BYTES,
  TWO_BYTE_STEPS,
} from "./cloudini_first_stage.ts";

/**
 * Added to a double of less than 2^51, this leaves the nearest integer, half
 * to even, in the low bits. Differences of such sums are exact.
 */
const ROUND = 1.5 * 2 ** 52;

/** One more than the longest difference of a fast point, squared. */
const FAST_SQUARE = (TWO_BYTE_STEPS + 1) ** 2;

const TABLE_CENTER = TWO_BYTE_STEPS + 1;

/** By difference + TABLE_CENTER: its varint's two bytes, and above their number. */
const VARINTS = new Int32Array(2 * TABLE_CENTER);
for (let delta = -TWO_BYTE_STEPS; delta <= TWO_BYTE_STEPS; delta++) {
  const u = ((delta << 1) ^ (delta >> 31)) + 1;
  VARINTS[delta + TABLE_CENTER] = u < 128
    ? u | 1 << 16
    : u & 127 | 128 | u >> 7 << 8 | 2 << 16;
}

// Encoding a chunk is one synchronous call, so all encoders share its scratch
// memory; as constants they cost the loops no checks.

/** The bytes of a chunk, and one that a two-byte store may touch. */
const stage = new Uint8Array(CHUNK_POINTS * 4 * MAX_VALUE_BYTES + 1);
const stageView = new DataView(stage.buffer);
/** Steps of the previous point. */
const previous = new Int32Array(4);
/** Index of the value where a fast loop goes on. */
const resume = new Int32Array(1);

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
export function encodeFirstStage(
  values: Float32Array,
  start: number,
  points: number,
  multipliers: Float64Array,
): Uint8Array | undefined {
  previous.fill(0);
  const length = multipliers.length === 3
    ? encode3(values, start, start + points * 3, multipliers)
    : encode4(values, start, start + points * 4, multipliers);
  return length < 0 ? undefined : stage.subarray(0, length);
}

function encode3(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
): number {
  const mx = multipliers[0], my = multipliers[1], mz = multipliers[2];
  let px = ROUND, py = ROUND, pz = ROUND;
  // Said here, types and bounds need no checks within the loops.
  const last = values.length < end ? 0 : end | 0;
  let i = start | 0;
  let at = 0;
  for (;;) {
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
    if (i >= last) return at;
    previous[0] = px - ROUND;
    previous[1] = py - ROUND;
    previous[2] = pz - ROUND;
    at = writeRarePoints(values, i, last, multipliers, at);
    if (at < 0) return at;
    i = resume[0];
    px = previous[0] + ROUND;
    py = previous[1] + ROUND;
    pz = previous[2] + ROUND;
  }
}

function encode4(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
): number {
  const mx = multipliers[0], my = multipliers[1], mz = multipliers[2];
  const mw = multipliers[3];
  let px = ROUND, py = ROUND, pz = ROUND, pw = ROUND;
  // Said here, types and bounds need no checks within the loops.
  const last = values.length < end ? 0 : end | 0;
  let i = start | 0;
  let at = 0;
  for (;;) {
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
    if (i >= last) return at;
    previous[0] = px - ROUND;
    previous[1] = py - ROUND;
    previous[2] = pz - ROUND;
    previous[3] = pw - ROUND;
    at = writeRarePoints(values, i, last, multipliers, at);
    if (at < 0) return at;
    i = resume[0];
    px = previous[0] + ROUND;
    py = previous[1] + ROUND;
    pz = previous[2] + ROUND;
    pw = previous[3] + ROUND;
  }
}

/**
 * Writes points of any kind, one by one, until a fast loop can go on: from
 * `previous` on, which it updates, and sets `resume`.
 *
 * @returns where the next point's bytes go; -1 when int32 can't hold a value.
 */
function writeRarePoints(
  values: Float32Array,
  start: number,
  end: number,
  multipliers: Float64Array,
  at: number,
): number {
  const fields = multipliers.length;
  let i = start;
  let far = false;
  do {
    far = false;
    for (let field = 0; field < fields; field++) {
      const steps = Math.fround(values[i++] * multipliers[field]);
      if (steps !== steps) {
        stage[at++] = 0;
        previous[field] = 0;
        continue;
      }
      if (!(steps >= -(2 ** 31) && steps < 2 ** 31)) return -1;
      const whole = steps + ROUND - ROUND;
      far ||= Math.abs(whole) >= FAST_STEPS;
      // As in the reference, differences wrap in int32, and so do the sums that
      // undo them.
      const delta = whole - previous[field] | 0;
      previous[field] = whole;
      let u = ((delta << 1 ^ delta >> 31) >>> 0) + 1;
      for (; u > 127; u = Math.floor(u / 128)) stage[at++] = u & 127 | 128;
      stage[at++] = u;
    }
  } while (i < end && (far || values[i] !== values[i]));
  resume[0] = i;
  return at;
}
