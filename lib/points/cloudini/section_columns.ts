/**
 * The integers of a chunk, one field's, as the sections' modes go through them.
 *
 * Encoding a section is one synchronous call, so all encoders share this.
 */
import { type FieldType, typeBytes } from "../field.ts";
import type { Points } from "./column.ts";
import { CHUNK_POINTS } from "./first_stage.ts";
import { isUnsigned } from "./rules.ts";

/** The low halves of values, as 64-bit integers. */
export const valueLow = new Int32Array(CHUNK_POINTS);
/** The high halves of values. */
export const valueHigh = new Int32Array(CHUNK_POINTS);
/** The low halves of differences to the value before, the first one's to 0. */
export const deltaLow = new Int32Array(CHUNK_POINTS);
/** The high halves of differences. */
export const deltaHigh = new Int32Array(CHUNK_POINTS);

/** Reads the values of a field, and computes their differences. */
export function readSectionColumn(
  { view, start, stride, points }: Points,
  { type, offset }: { type: FieldType; offset: number },
): void {
  const at = start + offset;
  const bytes = typeBytes(type);
  if (bytes === 8) return readLong(view, at, stride, points);
  const isShort = bytes === 2;
  if (isUnsigned(type)) readUnsigned(view, at, stride, points, isShort);
  else readSigned(view, at, stride, points, isShort);
}

function readUnsigned(
  view: DataView,
  start: number,
  stride: number,
  points: number,
  isShort: boolean,
): void {
  let previous = 0;
  for (let i = 0, at = start; i < points; i++, at += stride) {
    const value = isShort ? view.getUint16(at, true) : view.getUint32(at, true);
    valueLow[i] = value;
    valueHigh[i] = 0;
    deltaLow[i] = value - previous;
    deltaHigh[i] = value < previous ? -1 : 0;
    previous = value;
  }
}

function readSigned(
  view: DataView,
  start: number,
  stride: number,
  points: number,
  isShort: boolean,
): void {
  let previous = 0;
  for (let i = 0, at = start; i < points; i++, at += stride) {
    const value = isShort ? view.getInt16(at, true) : view.getInt32(at, true);
    valueLow[i] = value;
    valueHigh[i] = value >> 31;
    deltaLow[i] = value - previous;
    deltaHigh[i] = value < previous ? -1 : 0;
    previous = value;
  }
}

function readLong(
  view: DataView,
  start: number,
  stride: number,
  points: number,
): void {
  let previousLow = 0, previousHigh = 0;
  for (let i = 0, at = start; i < points; i++, at += stride) {
    const lo = view.getInt32(at, true), hi = view.getInt32(at + 4, true);
    const borrow = lo >>> 0 < previousLow >>> 0 ? 1 : 0;
    valueLow[i] = lo;
    valueHigh[i] = hi;
    deltaLow[i] = lo - previousLow;
    deltaHigh[i] = hi - previousHigh - borrow;
    previousLow = lo;
    previousHigh = hi;
  }
}
