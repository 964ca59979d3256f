/** Reads values that lie point by point in a chunk, whatever their rules. */
import { decodeMixed } from "./mixed_decoder.ts";
import {
  Kind,
  leading,
  NO_VALUE,
  NO_WINDOW,
  type PointsPlan,
  previousHigh,
  previousLow,
  trailing,
} from "./points_plan.ts";
import type { Target } from "./sections_decoder.ts";
import { damaged } from "./stage_errors.ts";
import type { StageReader } from "./stage_reader.ts";

/** Points that the way for any fields takes before the fast one is tried. */
const MAX_BURST = 64;

/**
 * Decodes points: each value by the fast way of most, up to one that it isn't
 * for; that one and the rest of its point by the thorough way.
 *
 * @throws {PointsError} `length` when the bytes end before the points, `header`
 * for what no encoder writes.
 */
export function decodePoints(
  stage: Uint8Array,
  reader: StageReader,
  { view, start, stride, points }: Target,
  plan: PointsPlan,
): void {
  const end = start + points * stride;
  const bytes = new DataView(stage.buffer, stage.byteOffset, stage.length);
  let burst = plan.isMixed ? 1 : points;
  for (let point = start; point < end;) {
    if (plan.isMixed) {
      const from = point;
      point = decodeMixed(stage, bytes, reader, view, point, end, stride, plan);
      const isSlow = (point - from) / stride < 8;
      burst = isSlow ? Math.min(2 * burst, MAX_BURST) : 1;
    }
    const stop = Math.min(end, point + burst * stride);
    decodeAny(stage, bytes, reader, view, point, stop, stride, plan);
    point = stop;
  }
}

/** Decodes points of any fields. */
function decodeAny(
  stage: Uint8Array,
  stageView: DataView,
  reader: StageReader,
  view: DataView,
  start: number,
  end: number,
  stride: number,
  plan: PointsPlan,
): void {
  const { kinds, offsets } = plan;
  // A point that is nearer to the end might be cut off.
  const lastByte = stage.length - plan.fastBytes;
  for (let point = start; point < end; point += stride) {
    let field = 0;
    if (reader.at <= lastByte) {
      point = decodeFast(
        ...[stage, stageView, reader, view, point, end, stride, plan] as const,
      );
      if (point >= end) return;
      field = reader.field;
    }
    for (; field < kinds.length; field++) {
      decodeValue(stage, reader, view, point + offsets[field], field, plan);
    }
  }
}

/**
 * Decodes points up to the first value that isn't for it, whose field is left
 * in `reader.field`, or to where the bytes might be cut off.
 *
 * @returns where that value's point begins.
 */
function decodeFast(
  stage: Uint8Array,
  stageView: DataView,
  reader: StageReader,
  view: DataView,
  start: number,
  end: number,
  stride: number,
  { kinds, offsets, bytes, resolutions, fastBytes }: PointsPlan,
): number {
  const fields = kinds.length;
  const lastByte = stage.length - fastBytes;
  let next = reader.at;
  let point = start;
  for (; point < end && next <= lastByte; point += stride) {
    for (let field = 0; field < fields; field++) {
      const at = point + offsets[field];
      const kind = kinds[field];
      if (kind < Kind.raw) {
        let u = stage[next], size = 1;
        if (u > 127) {
          let more = stage[next + 1];
          u = u & 127 | (more & 127) << 7;
          size = 2;
          if (more > 127) {
            more = stage[next + 2];
            u |= (more & 127) << 14;
            size = 3;
          }
          // Longer than it need be, or longer yet.
          if (more === 0 || more > 127) u = 0;
        }
        if (u === 0) return stop(reader, next, field, point);
        const delta = (u - 1 >> 1) ^ -(u - 1 & 1);
        next += size;
        if (kind === Kind.leading) {
          const steps = previousLow[field] + delta | 0;
          previousLow[field] = steps;
          view.setFloat32(at, steps * resolutions[field], true);
          continue;
        }
        const before = previousLow[field];
        const lo = before + delta | 0;
        const hi = previousHigh[field] + (delta >> 31) +
            (lo >>> 0 < delta >>> 0 ? 1 : 0) | 0;
        previousLow[field] = lo;
        previousHigh[field] = hi;
        if (kind === Kind.steps64) {
          const steps = hi * 2 ** 32 + (lo >>> 0);
          view.setFloat64(at, steps * resolutions[field], true);
        } else if (kind === Kind.steps32) {
          const steps = Math.fround(toFloat32Steps(lo, hi));
          view.setFloat32(at, steps * resolutions[field], true);
        } else if (bytes[field] === 2) {
          view.setInt16(at, lo, true);
        } else {
          view.setInt32(at, lo, true);
          if (bytes[field] === 8) view.setInt32(at + 4, hi, true);
        }
      } else if (kind === Kind.packedXor) {
        if (leading[field] === NO_VALUE || (stage[next] & 1) !== 0) {
          return stop(reader, next, field, point);
        }
        next++;
        view.setInt32(at, previousLow[field], true);
        view.setInt32(at + 4, previousHigh[field], true);
      } else if (bytes[field] === 1) {
        view.setUint8(at, stage[next++]);
      } else if (bytes[field] === 2) {
        view.setInt16(at, stageView.getInt16(next, true), true);
        next += 2;
      } else {
        const isXor = kind === Kind.xor;
        const lo = stageView.getInt32(next, true) ^ previousLow[field];
        if (isXor) previousLow[field] = lo;
        view.setInt32(at, lo, true);
        next += 4;
        if (bytes[field] === 4) continue;
        const hi = stageView.getInt32(next, true) ^ previousHigh[field];
        if (isXor) previousHigh[field] = hi;
        view.setInt32(at + 4, hi, true);
        next += 4;
      }
    }
  }
  return stop(reader, next, 0, point);
}

function stop(
  reader: StageReader,
  next: number,
  field: number,
  point: number,
): number {
  reader.at = next;
  reader.field = field;
  return point;
}

/** Decodes one value of any kind. */
function decodeValue(
  stage: Uint8Array,
  reader: StageReader,
  view: DataView,
  at: number,
  field: number,
  { kinds, bytes, resolutions }: PointsPlan,
): void {
  switch (kinds[field]) {
    case Kind.raw:
      copyBits(stage, view, at, reader.skip(bytes[field]), bytes[field]);
      return;
    case Kind.xor:
      readXor(reader, view, at, field, bytes[field]);
      return;
    case Kind.packedXor:
      readPackedXor(stage, reader, field);
      view.setInt32(at, previousLow[field], true);
      view.setInt32(at + 4, previousHigh[field], true);
      return;
    case Kind.delta:
      reader.readDelta();
      addDelta(reader, field);
      if (bytes[field] === 2) {
        view.setInt16(at, previousLow[field], true);
        return;
      }
      view.setInt32(at, previousLow[field], true);
      if (bytes[field] === 8) view.setInt32(at + 4, previousHigh[field], true);
      return;
    default:
      readSteps(reader, view, at, field, kinds[field], resolutions[field]);
  }
}

function copyBits(
  stage: Uint8Array,
  view: DataView,
  at: number,
  from: number,
  bytes: number,
): void {
  for (let i = 0; i < bytes; i++) view.setUint8(at + i, stage[from + i]);
}

function readXor(
  reader: StageReader,
  view: DataView,
  at: number,
  field: number,
  bytes: number,
): void {
  previousLow[field] ^= reader.readInt32();
  view.setInt32(at, previousLow[field], true);
  if (bytes === 4) return;
  previousHigh[field] ^= reader.readInt32();
  view.setInt32(at + 4, previousHigh[field], true);
}

/** Adds the reader's difference to the value before, which wraps. */
function addDelta({ lo: deltaLow, hi: deltaHigh }: StageReader, field: number) {
  const lo = previousLow[field] + deltaLow | 0;
  const carry = lo >>> 0 < deltaLow >>> 0 ? 1 : 0;
  previousLow[field] = lo;
  previousHigh[field] = previousHigh[field] + deltaHigh + carry | 0;
}

/** The bits of the NaN that no value is read as; `setFloat32` may differ. */
const NAN32 = 0x7fc00000, NAN64_HIGH = 0x7ff80000;

function readSteps(
  reader: StageReader,
  view: DataView,
  at: number,
  field: number,
  kind: number,
  resolution: number,
): void {
  reader.readVarint();
  if (reader.lo === 0 && reader.hi === 0) {
    previousLow[field] = 0;
    previousHigh[field] = 0;
    if (kind === Kind.steps64) {
      view.setInt32(at, 0, true);
      view.setInt32(at + 4, NAN64_HIGH, true);
    } else {
      view.setInt32(at, NAN32, true);
    }
    return;
  }
  reader.undoZigzag();
  addDelta(reader, field);
  const lo = previousLow[field], hi = previousHigh[field];
  if (kind === Kind.leading) {
    view.setFloat32(at, lo * resolution, true);
  } else if (kind === Kind.steps32) {
    const steps = Math.fround(toFloat32Steps(lo, hi));
    view.setFloat32(at, steps * resolution, true);
  } else {
    view.setFloat64(at, (hi * 2 ** 32 + (lo >>> 0)) * resolution, true);
  }
}

/**
 * Returns a double that rounds to the same float32 as the 64-bit integer: the
 * bits that a double can't have are gathered in one.
 */
function toFloat32Steps(lo: number, hi: number): number {
  const isExact = hi >= -(2 ** 20) && hi < 2 ** 20;
  const low = isExact || (lo & 0xfff) === 0 ? lo : lo & ~0xfff | 0x800;
  return hi * 2 ** 32 + (low >>> 0);
}

function readPackedXor(
  stage: Uint8Array,
  reader: StageReader,
  field: number,
): void {
  if (leading[field] === NO_VALUE) {
    leading[field] = NO_WINDOW;
    previousLow[field] = reader.readInt32();
    previousHigh[field] = reader.readInt32();
    return;
  }
  const first = reader.skip(1);
  const byte = stage[first];
  if ((byte & 1) === 0) return;
  let bits = 2;
  if ((byte & 2) !== 0) {
    bits = 13;
    reader.skip(1);
    const header = byte | stage[first + 1] << 8;
    leading[field] = header >> 2 & 31;
    trailing[field] = 63 - leading[field] - (header >> 7 & 63);
    if (trailing[field] < 0) throw damaged("a window of too many bits");
  } else if (leading[field] === NO_WINDOW) {
    throw damaged("bits before their window");
  }
  const count = 64 - leading[field] - trailing[field];
  const end = first + (bits + count + 7 >> 3);
  reader.skip(end - reader.at);
  readBits(stage, first, end, bits);
  keepBits(count);
  shiftLeft(trailing[field]);
  previousLow[field] ^= bitsLow;
  previousHigh[field] ^= bitsHigh;
}

let bitsLow = 0, bitsHigh = 0;

/** Reads what is in some bytes after the first bits, at most 64 bits. */
function readBits(
  stage: Uint8Array,
  start: number,
  end: number,
  skipped: number,
): void {
  bitsLow = 0;
  bitsHigh = 0;
  for (let byte = start, at = -skipped; byte < end; byte++, at += 8) {
    const bits = stage[byte];
    if (at < 0) bitsLow |= at > -8 ? bits >> -at : 0;
    else if (at < 32) bitsLow |= bits << at;
    if (at > 24 && at < 32) bitsHigh |= bits >> 32 - at;
    else if (at >= 32) bitsHigh |= bits << at - 32;
  }
}

/** Clears all but the lowest bits; what pads the last byte means nothing. */
function keepBits(count: number): void {
  if (count < 32) {
    bitsLow &= (1 << count) - 1;
    bitsHigh = 0;
  } else if (count < 64) {
    bitsHigh &= (1 << count - 32) - 1;
  }
}

function shiftLeft(bits: number): void {
  if (bits >= 32) {
    bitsHigh = bitsLow << bits - 32;
    bitsLow = 0;
  } else if (bits > 0) {
    bitsHigh = bitsHigh << bits | bitsLow >>> 32 - bits;
    bitsLow <<= bits;
  }
}
