/**
 * Writes the sections of version 5: the integers of a chunk, field by field,
 * each in the mode that makes it smallest.
 */
import { typeBytes } from "../field.ts";
import type { Points } from "./column.ts";
import { buildPalette, firstAt, indexBits, indexes } from "./palette.ts";
import type { RuledField } from "./rules.ts";
import {
  deltaHigh,
  deltaLow,
  readSectionColumn,
  valueHigh,
  valueLow,
} from "./section_columns.ts";
import { BLOCK_TOKENS, putDelta64, writeTokens } from "./tokens.ts";
import { deltaBytes, writeDelta, writeVarint } from "./varints.ts";

/** How a section is written, by its number. */
export const MODES = ["deltas", "palette", "runs", "delta-runs"] as const;

/** How a section is written. */
export type SectionMode = typeof MODES[number];

/** Points that the mode of a field is chosen by. */
const PROBE_POINTS = 4096;

/** A mode, and what says how many values or runs there are. */
const PALETTE_START_BYTES = 3;
const RUNS_START_BYTES = 5;

/** Writes one integer field's sections. */
export class SectionEncoder {
  readonly #field: RuledField;
  readonly #bytes: number;
  #mode: SectionMode | undefined;

  constructor(field: RuledField) {
    this.#field = field;
    this.#bytes = typeBytes(field.type);
  }

  /** Begins a cloud, whose first chunk chooses the mode. */
  reset(): void {
    this.#mode = undefined;
  }

  /** Writes a chunk's section; returns where it ends. */
  write(points: Points, stage: DataView, start: number): number {
    readSectionColumn(points, this.#field);
    const count = points.points;
    this.#mode ??= chooseMode(Math.min(count, PROBE_POINTS), this.#bytes);
    stage.setUint8(start, MODES.indexOf(this.#mode));
    switch (this.#mode) {
      case "deltas":
        return writeDeltas(stage, start + 1, count);
      case "palette":
        return writePalette(stage, start + 1, count, this.#bytes);
      case "runs":
        return writeRuns(stage, start + 1, count, this.#bytes);
      case "delta-runs":
        return writeDeltaRuns(stage, start + 1, count);
    }
  }
}

/** Returns the mode that takes the fewest bytes; of equal ones the first. */
function chooseMode(points: number, bytes: number): SectionMode {
  const sizes = [
    sizeDeltas(points),
    sizePalette(points, bytes),
    sizeRuns(points, bytes),
    sizeDeltaRuns(points),
  ];
  return MODES[sizes.indexOf(Math.min(...sizes))];
}

function sizeDeltas(points: number): number {
  let size = 1;
  for (let i = 0; i < points; i++) {
    size += deltaBytes(deltaLow[i], deltaHigh[i]);
  }
  return size;
}

function sizePalette(points: number, bytes: number): number {
  const count = buildPalette(points);
  return PALETTE_START_BYTES + count * bytes +
    Math.ceil(indexBits(count) * points / 8);
}

function sizeRuns(points: number, bytes: number): number {
  let size = RUNS_START_BYTES;
  for (let i = 0; i < points;) {
    const end = findRunEnd(valueLow, valueHigh, i, points);
    size += bytes + varintBytes(end - i);
    i = end;
  }
  return size;
}

function sizeDeltaRuns(points: number): number {
  let size = RUNS_START_BYTES;
  for (let i = 0; i < points;) {
    const end = findRunEnd(deltaLow, deltaHigh, i, points);
    size += deltaBytes(deltaLow[i], deltaHigh[i]) + varintBytes(end - i);
    i = end;
  }
  return size;
}

/** Bytes of a plain varint of a run's length. */
function varintBytes(length: number): number {
  return length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : 3;
}

function findRunEnd(
  low: Int32Array,
  high: Int32Array,
  start: number,
  points: number,
): number {
  const lo = low[start], hi = high[start];
  let end = start + 1;
  while (end < points && low[end] === lo && high[end] === hi) end++;
  return end;
}

function writeDeltas(stage: DataView, start: number, points: number): number {
  let at = start;
  for (let first = 0; first < points; first += BLOCK_TOKENS) {
    const tokens = Math.min(BLOCK_TOKENS, points - first);
    for (let token = 0; token < tokens; token++) {
      putDelta64(token, deltaLow[first + token], deltaHigh[first + token]);
    }
    at = writeTokens(stage, at, tokens);
  }
  return at;
}

function writePalette(
  stage: DataView,
  start: number,
  points: number,
  bytes: number,
): number {
  const count = buildPalette(points);
  stage.setUint16(start, count, true);
  let at = start + 2;
  for (let value = 0; value < count; value++) {
    at = writeValue(stage, at, firstAt[value], bytes);
  }
  const bits = indexBits(count);
  if (bits === 0) return at;
  let held = 0, heldBits = 0;
  for (let i = 0; i < points; i++) {
    held |= indexes[i] << heldBits;
    heldBits += bits;
    while (heldBits >= 8) {
      stage.setUint8(at++, held);
      held >>>= 8;
      heldBits -= 8;
    }
  }
  if (heldBits > 0) stage.setUint8(at++, held);
  return at;
}

function writeRuns(
  stage: DataView,
  start: number,
  points: number,
  bytes: number,
): number {
  let runs = 0, at = start + 4;
  for (let i = 0; i < points; runs++) {
    const end = findRunEnd(valueLow, valueHigh, i, points);
    at = writeValue(stage, at, i, bytes);
    at = writeVarint(stage, at, end - i, 0);
    i = end;
  }
  stage.setUint32(start, runs, true);
  return at;
}

function writeDeltaRuns(stage: DataView, start: number, points: number) {
  let runs = 0, at = start + 4;
  for (let i = 0; i < points; runs++) {
    const end = findRunEnd(deltaLow, deltaHigh, i, points);
    at = writeDelta(stage, at, deltaLow[i], deltaHigh[i]);
    at = writeVarint(stage, at, end - i, 0);
    i = end;
  }
  stage.setUint32(start, runs, true);
  return at;
}

/** Writes the value of one point as it is, and perhaps zeros after it. */
function writeValue(
  stage: DataView,
  at: number,
  point: number,
  bytes: number,
): number {
  stage.setInt32(at, valueLow[point], true);
  if (bytes === 8) stage.setInt32(at + 4, valueHigh[point], true);
  return at + bytes;
}
