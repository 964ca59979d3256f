/** Reads the sections of version 5: a chunk's integers, field by field. */
import { typeBytes } from "../field.ts";
import { PointsError } from "../errors.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import type { RuledField } from "./rules.ts";
import { cutOff, damaged } from "./stage_errors.ts";
import type { StageReader } from "./stage_reader.ts";

/** Where the values of a chunk go. */
export interface Target {
  /** The cloud's bytes. */
  view: DataView;
  /** Byte where the chunk's first point begins. */
  start: number;
  /** Bytes from one point to the next. */
  stride: number;
  /** Points of the chunk. */
  points: number;
}

// Decoding a section is one synchronous call, so all decoders share this.
const paletteLow = new Int32Array(2 * CHUNK_POINTS);
const paletteHigh = new Int32Array(2 * CHUNK_POINTS);

/**
 * Decodes the section of one field.
 *
 * @throws {PointsError} `length` when the bytes end before the points or the
 * points before the runs, `header` for what no encoder writes.
 */
export function decodeSection(
  bytes: Uint8Array,
  reader: StageReader,
  { view, start, stride, points }: Target,
  { offset, type }: RuledField,
): void {
  const values: Values = {
    view,
    at: start + offset,
    stride,
    end: start + offset + points * stride,
    bytes: typeBytes(type),
  };
  const mode = reader.readUint8();
  switch (mode) {
    case 0:
      return readDeltas(bytes, reader, values);
    case 1:
      return readPalette(bytes, reader, values, points);
    case 2:
      return readRuns(reader, values);
    case 3:
      return readDeltaRuns(reader, values);
    default:
      throw damaged(`a section of mode ${mode}`);
  }
}

/** Where a field's values go. */
interface Values {
  view: DataView;
  at: number;
  stride: number;
  /** Where the value after the last one would go. */
  end: number;
  /** Of each value. */
  bytes: number;
}

function store(
  view: DataView,
  at: number,
  bytes: number,
  lo: number,
  hi: number,
): void {
  if (bytes === 2) {
    view.setInt16(at, lo, true);
    return;
  }
  view.setInt32(at, lo, true);
  if (bytes === 8) view.setInt32(at + 4, hi, true);
}

function readDeltas(
  stage: Uint8Array,
  reader: StageReader,
  { view, at: first, stride, end, bytes }: Values,
): void {
  let lo = 0, hi = 0;
  for (let at = first; at < end; at += stride) {
    const u = reader.at < stage.length ? stage[reader.at] : 0;
    let deltaLow = 0, deltaHigh = 0;
    if (u > 0 && u < 128) {
      reader.at++;
      deltaLow = (u - 1 >> 1) ^ -(u - 1 & 1);
      deltaHigh = deltaLow >> 31;
    } else {
      reader.readDelta();
      deltaLow = reader.lo;
      deltaHigh = reader.hi;
    }
    lo = lo + deltaLow | 0;
    hi = hi + deltaHigh + (lo >>> 0 < deltaLow >>> 0 ? 1 : 0) | 0;
    store(view, at, bytes, lo, hi);
  }
}

function readPalette(
  stage: Uint8Array,
  reader: StageReader,
  { view, at: first, stride, bytes }: Values,
  points: number,
): void {
  const count = reader.readUint16();
  if (count === 0) throw damaged("a palette of no values");
  for (let i = 0; i < count; i++) {
    paletteLow[i] = bytes === 2 ? reader.readUint16() : reader.readInt32();
    paletteHigh[i] = bytes === 8 ? reader.readInt32() : 0;
  }
  const bits = 32 - Math.clz32(count - 1);
  const from = reader.skip(Math.ceil(bits * points / 8));
  const mask = (1 << bits) - 1;
  let held = 0, heldBits = 0, byte = from, at = first, most = 0;
  for (let i = 0; i < points; i++, at += stride) {
    while (heldBits < bits) {
      held |= stage[byte++] << heldBits;
      heldBits += 8;
    }
    const index = held & mask;
    held >>>= bits;
    heldBits -= bits;
    if (index > most) most = index;
    store(view, at, bytes, paletteLow[index], paletteHigh[index]);
  }
  if (most >= count) throw damaged(`a palette's value ${most} of ${count}`);
}

function readRuns(
  reader: StageReader,
  { view, at: first, stride, end, bytes }: Values,
): void {
  const runs = reader.readInt32() >>> 0;
  let at = first;
  for (let run = 0; run < runs; run++) {
    const lo = bytes === 2 ? reader.readUint16() : reader.readInt32();
    const hi = bytes === 8 ? reader.readInt32() : 0;
    const runEnd = at + readLength(reader) * stride;
    if (runEnd > end) throw tooLong();
    for (; at < runEnd; at += stride) store(view, at, bytes, lo, hi);
  }
  if (at < end) throw cutOff();
}

function readDeltaRuns(
  reader: StageReader,
  { view, at: first, stride, end, bytes }: Values,
): void {
  const runs = reader.readInt32() >>> 0;
  let at = first, lo = 0, hi = 0;
  for (let run = 0; run < runs; run++) {
    reader.readDelta();
    const { lo: deltaLow, hi: deltaHigh } = reader;
    const runEnd = at + readLength(reader) * stride;
    if (runEnd > end) throw tooLong();
    if (bytes < 8) {
      for (; at < runEnd; at += stride) {
        lo = lo + deltaLow | 0;
        if (bytes === 2) view.setInt16(at, lo, true);
        else view.setInt32(at, lo, true);
      }
      continue;
    }
    for (; at < runEnd; at += stride) {
      lo = lo + deltaLow | 0;
      hi = hi + deltaHigh + (lo >>> 0 < deltaLow >>> 0 ? 1 : 0) | 0;
      store(view, at, bytes, lo, hi);
    }
  }
  if (at < end) throw cutOff();
}

function readLength(reader: StageReader): number {
  reader.readVarint();
  const length = reader.hi * 2 ** 32 + (reader.lo >>> 0);
  if (length === 0) throw damaged("a run of no points");
  return length;
}

function tooLong(): PointsError {
  return new PointsError(
    "length",
    "Cannot read Cloudini: runs go on after a chunk's last point",
  );
}
