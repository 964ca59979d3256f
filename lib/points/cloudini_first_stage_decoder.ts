/**
 * Undoes the first stage of Cloudini's lossy encoding: base-128 varints to
 * differences, their sums to float32 values.
 *
 * The loops are written for V8's optimizing compiler: points of one-byte
 * varints, most of them, take one branch; what is rare (NaN, three bytes and
 * more, the chunk's end) is left to `readRarePoints`, outside the loop.
 */
import {
  FAST_STEPS,
  MAX_VALUE_BYTES,
  TWO_BYTE_STEPS,
} from "./cloudini_first_stage.ts";
import { PointsError } from "./errors.ts";

/**
 * The difference that a varint of one or two bytes stands for. As doubles:
 * sums of them go to float32 with no conversion from int.
 */
const DELTAS = new Float64Array(2 * TWO_BYTE_STEPS + 2);
for (let u = 1; u < DELTAS.length; u++) {
  DELTAS[u] = (u - 1 >> 1) ^ -(u - 1 & 1);
}

// Scratch memory of one synchronous call.

/** Steps of the previous point. */
const previous = new Int32Array(4);
/** Index of the value where a fast loop goes on. */
const resume = new Int32Array(1);

/**
 * Decodes one chunk.
 *
 * @param bytes the chunk's first stage, no more.
 * @param values where the values go, interleaved.
 * @param start index of the chunk's first value in `values`.
 * @param points in the chunk.
 * @param resolutions float32, of each of 3 or 4 fields.
 * @throws {PointsError} `length` when the bytes end before the points or the
 * points before the bytes, `header` for a varint of more than 5 bytes.
 */
export function decodeFirstStage(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  points: number,
  resolutions: Float64Array,
): void {
  previous.fill(0);
  const at = resolutions.length === 3
    ? decode3(bytes, values, start, start + points * 3, resolutions)
    : decode4(bytes, values, start, start + points * 4, resolutions);
  if (at < bytes.length) {
    throw new PointsError(
      "length",
      `Cannot read Cloudini: ${bytes.length - at} bytes follow the ` +
        `${points} points of a chunk`,
    );
  }
}

function decode3(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  // Said here, types and bounds need no checks within the loops.
  const last = values.length < end ? 0 : end | 0;
  const lastFast = bytes.length - 3 * 2;
  let px = 0, py = 0, pz = 0;
  let i = start | 0;
  let at = 0;
  for (;;) {
    for (; i < last && at <= lastFast; i = i + 3 | 0) {
      let x = bytes[at], y = bytes[at + 1], z = bytes[at + 2];
      let next = at + 3 | 0;
      if ((x | y | z) > 127) {
        next = at + 1 | 0;
        if (x > 127) {
          const high = bytes[next];
          if (high > 127) break;
          x = x & 127 | high << 7;
          next = next + 1 | 0;
        }
        y = bytes[next];
        next = next + 1 | 0;
        if (y > 127) {
          const high = bytes[next];
          if (high > 127) break;
          y = y & 127 | high << 7;
          next = next + 1 | 0;
        }
        z = bytes[next];
        next = next + 1 | 0;
        if (z > 127) {
          const high = bytes[next];
          if (high > 127) break;
          z = z & 127 | high << 7;
          next = next + 1 | 0;
        }
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
    if (i >= last) return at;
    previous[0] = px;
    previous[1] = py;
    previous[2] = pz;
    at = readRarePoints(bytes, at, values, i, last, resolutions);
    i = resume[0];
    px = previous[0];
    py = previous[1];
    pz = previous[2];
  }
}

function decode4(
  bytes: Uint8Array,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const rx = resolutions[0], ry = resolutions[1], rz = resolutions[2];
  const rw = resolutions[3];
  // Said here, types and bounds need no checks within the loops.
  const last = values.length < end ? 0 : end | 0;
  const lastFast = bytes.length - 4 * 2;
  let px = 0, py = 0, pz = 0, pw = 0;
  let i = start | 0;
  let at = 0;
  for (;;) {
    for (; i < last && at <= lastFast; i = i + 4 | 0) {
      let x = bytes[at], y = bytes[at + 1], z = bytes[at + 2];
      let w = bytes[at + 3];
      let next = at + 4 | 0;
      if ((x | y | z | w) > 127) {
        next = at + 1 | 0;
        if (x > 127) {
          const high = bytes[next];
          if (high > 127) break;
          x = x & 127 | high << 7;
          next = next + 1 | 0;
        }
        y = bytes[next];
        next = next + 1 | 0;
        if (y > 127) {
          const high = bytes[next];
          if (high > 127) break;
          y = y & 127 | high << 7;
          next = next + 1 | 0;
        }
        z = bytes[next];
        next = next + 1 | 0;
        if (z > 127) {
          const high = bytes[next];
          if (high > 127) break;
          z = z & 127 | high << 7;
          next = next + 1 | 0;
        }
        w = bytes[next];
        next = next + 1 | 0;
        if (w > 127) {
          const high = bytes[next];
          if (high > 127) break;
          w = w & 127 | high << 7;
          next = next + 1 | 0;
        }
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
    if (i >= last) return at;
    previous[0] = px;
    previous[1] = py;
    previous[2] = pz;
    previous[3] = pw;
    at = readRarePoints(bytes, at, values, i, last, resolutions);
    i = resume[0];
    px = previous[0];
    py = previous[1];
    pz = previous[2];
    pw = previous[3];
  }
}

/**
 * Reads points of any kind, one by one, until a fast loop can go on: from
 * `previous` on, which it updates, and sets `resume`.
 *
 * @returns where the next point's bytes begin.
 */
function readRarePoints(
  bytes: Uint8Array,
  at: number,
  values: Float32Array,
  start: number,
  end: number,
  resolutions: Float64Array,
): number {
  const fields = resolutions.length;
  let i = start;
  let far = false;
  do {
    far = false;
    for (let field = 0; field < fields; field++) {
      const first = at;
      let u = 0;
      for (let scale = 1, more = true; more; scale *= 128) {
        if (at >= bytes.length) throw cutOff();
        if (at - first === MAX_VALUE_BYTES) throw overlong();
        const byte = bytes[at++];
        u += (byte & 127) * scale;
        more = byte > 127;
      }
      if (u === 0) {
        if (at - first > 1) throw overlong();
        previous[field] = 0;
        values[i++] = NaN;
        continue;
      }
      const delta = u % 2 === 1 ? (u - 1) / 2 : -u / 2;
      const steps = previous[field] + delta | 0;
      previous[field] = steps;
      far ||= Math.abs(steps) >= FAST_STEPS;
      values[i++] = steps * resolutions[field];
    }
  } while (i < end && (far || at < bytes.length && bytes[at] === 0));
  resume[0] = i;
  return at;
}

function cutOff(): PointsError {
  return new PointsError(
    "length",
    "Cannot read Cloudini: a chunk ends before its last point",
  );
}

function overlong(): PointsError {
  return new PointsError(
    "header",
    "Cannot read Cloudini: a varint is longer than its value needs",
  );
}
