/**
 * Decodes the float32 fields that come first, where no other field stands
 * among a chunk's points: base-128 varints to differences, their sums to
 * values.
 *
 * The loops are written for V8's optimizing compiler: the fast ones take
 * varints of one and two bytes, nearly all, and call nothing, as a call would
 * have them keep their variables in memory.
 */
import {
  FAST_STEPS,
  nextBurst,
  type Progress,
  TWO_BYTE_STEPS,
} from "./first_stage.ts";
import { cutOff, overlong } from "./stage_errors.ts";

/**
 * The difference that a varint of one or two bytes stands for. As doubles:
 * sums of them go to float32 with no conversion from int.
 */
const DELTAS = new Float64Array(2 * TWO_BYTE_STEPS + 2);
for (let u = 1; u < DELTAS.length; u++) DELTAS[u] = undoZigzag(u);

// Decoding a chunk is one synchronous call, so all decoders share its scratch
// memory.

/** Steps of the previous point. */
const previous = new Int32Array(4);
const progress: Progress = { byte: 0, resumed: 0, burst: 1 };

/**
 * Decodes the points of one chunk.
 *
 * @param bytes the chunk's first stage.
 * @param values where the values go, interleaved.
 * @param start index of the chunk's first value in `values`.
 * @param points in the chunk.
 * @param resolutions float32, of each of 3 or 4 fields.
 * @returns where the points end in `bytes`.
 * @throws {PointsError} `length` when the bytes end before the points, `header`
 * for a varint of more than 5 bytes.
 */
export function decodeLeading(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  points: number,
  resolutions: Float64Array,
): number {
  const decodeFast = resolutions.length === 3 ? decodeFast3 : decodeFast4;
  const end = start + points * resolutions.length;
  previous.fill(0);
  progress.byte = 0;
  progress.resumed = start;
  progress.burst = 1;
  for (let i = start; i < end;) {
    i = decodeFast(bytes, values, i, end, resolutions);
    if (i < end) i = decodeBurst(bytes, values, i, end, resolutions);
  }
  return progress.byte;
}

/**
 * Decodes points of 3 fields, up to the first that has NaN or a varint of more
 * than two bytes, or that is so near to the end that it might be cut off.
 *
 * @returns where that point's values go; `end` when there is none.
 */
function decodeFast3(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  let px = previous[0], py = previous[1], pz = previous[2];
  let at = progress.byte;
  // Said here, types and bounds need no checks within the loop.
  const last = Math.min(values.length, end) | 0;
  const lastByte = bytes.length - 3 * 2;
  let i = start | 0;
  for (; i < last && at <= lastByte; i = i + 3 | 0) {
    let x = bytes[at];
    let next = at + 1 | 0;
    if (x > 127) {
      const high = bytes[next];
      if (high > 127) break;
      x = x & 127 | high << 7;
      next = next + 1 | 0;
    }
    let y = bytes[next];
    next = next + 1 | 0;
    if (y > 127) {
      const high = bytes[next];
      if (high > 127) break;
      y = y & 127 | high << 7;
      next = next + 1 | 0;
    }
    let z = bytes[next];
    next = next + 1 | 0;
    if (z > 127) {
      const high = bytes[next];
      if (high > 127) break;
      z = z & 127 | high << 7;
      next = next + 1 | 0;
    }
    if (x === 0 || y === 0 || z === 0) break;
    px += DELTAS[x];
    py += DELTAS[y];
    pz += DELTAS[z];
    values[i] = px * rx;
    values[i + 1] = py * ry;
    values[i + 2] = pz * rz;
    at = next;
  }
  previous[0] = px;
  previous[1] = py;
  previous[2] = pz;
  progress.byte = at;
  return i;
}

/** As `decodeFast3`, for points of 4 fields. */
function decodeFast4(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  const rw = resolutions[3];
  let px = previous[0], py = previous[1], pz = previous[2], pw = previous[3];
  let at = progress.byte;
  const last = Math.min(values.length, end) | 0;
  const lastByte = bytes.length - 4 * 2;
  let i = start | 0;
  for (; i < last && at <= lastByte; i = i + 4 | 0) {
    let x = bytes[at];
    let next = at + 1 | 0;
    if (x > 127) {
      const high = bytes[next];
      if (high > 127) break;
      x = x & 127 | high << 7;
      next = next + 1 | 0;
    }
    let y = bytes[next];
    next = next + 1 | 0;
    if (y > 127) {
      const high = bytes[next];
      if (high > 127) break;
      y = y & 127 | high << 7;
      next = next + 1 | 0;
    }
    let z = bytes[next];
    next = next + 1 | 0;
    if (z > 127) {
      const high = bytes[next];
      if (high > 127) break;
      z = z & 127 | high << 7;
      next = next + 1 | 0;
    }
    let w = bytes[next];
    next = next + 1 | 0;
    if (w > 127) {
      const high = bytes[next];
      if (high > 127) break;
      w = w & 127 | high << 7;
      next = next + 1 | 0;
    }
    if (x === 0 || y === 0 || z === 0 || w === 0) break;
    px += DELTAS[x];
    py += DELTAS[y];
    pz += DELTAS[z];
    pw += DELTAS[w];
    values[i] = px * rx;
    values[i + 1] = py * ry;
    values[i + 2] = pz * rz;
    values[i + 3] = pw * rw;
    at = next;
  }
  previous[0] = px;
  previous[1] = py;
  previous[2] = pz;
  previous[3] = pw;
  progress.byte = at;
  return i;
}

/**
 * Decodes points of any kind: one at least, and on until a fast loop may take
 * over.
 *
 * @returns where the next point's values go.
 */
function decodeBurst(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const fields = resolutions.length;
  const fastPoints = (start - progress.resumed) / fields;
  const stop = start + nextBurst(progress, fastPoints) * fields;
  const { length } = bytes;
  let at = progress.byte;
  let i = start;
  let isFar = false;
  do {
    isFar = false;
    for (let field = 0; field < fields; field++) {
      if (at >= length) throw cutOff();
      let u = bytes[at++];
      if (u === 0) {
        previous[field] = 0;
        values[i++] = NaN;
        continue;
      }
      let delta = 0;
      if (u < 128) {
        delta = undoZigzag(u);
      } else {
        u &= 127;
        let byte = 128;
        for (let shift = 7; byte > 127 && shift < 28; shift += 7) {
          if (at >= length) throw cutOff();
          byte = bytes[at++];
          u |= (byte & 127) << shift;
        }
        if (byte < 128) {
          if (u === 0) throw overlong();
          delta = undoZigzag(u);
        } else {
          if (at >= length) throw cutOff();
          byte = bytes[at++];
          if (byte > 127 || byte === 0) throw overlong();
          delta = undoLongZigzag(u + byte * 2 ** 28);
        }
      }
      const steps = previous[field] + delta | 0;
      previous[field] = steps;
      if (Math.abs(steps) >= FAST_STEPS) isFar = true;
      values[i++] = steps * resolutions[field];
    }
  } while (i < end && (i < stop || isFar || at < length && bytes[at] === 0));
  progress.resumed = i;
  progress.byte = at;
  return i;
}

/** Gives the difference for a varint's value, from 1 to 2^31 - 1. */
function undoZigzag(u: number): number {
  return (u - 1 >> 1) ^ -(u - 1 & 1);
}

/** Gives the difference for a varint's value of any size, from 1. */
function undoLongZigzag(u: number): number {
  return u % 2 === 1 ? (u - 1) / 2 : -u / 2;
}
