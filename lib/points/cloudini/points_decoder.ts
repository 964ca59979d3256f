/** Reads the values of a chunk that lie point by point, of any rules. */
import { typeBytes } from "../field.ts";
import {
  decodeFastPoints,
  type FastPlan,
  planFast,
  type Previous,
  reached,
} from "./fast_points.ts";
import { nextBurst, type Progress } from "./first_stage.ts";
import { MAX_FIELDS } from "./header_fields.ts";
import type { RuledField } from "./rules.ts";
import type { Target } from "./sections_decoder.ts";
import { damaged } from "./stage_errors.ts";
import type { StageReader } from "./stage_reader.ts";

/** What is done for a value; numbers, as they are asked for each. */
const Kind = {
  leading: 0,
  steps32: 1,
  steps64: 2,
  delta: 3,
  raw: 4,
  xor: 5,
  packedXor: 6,
} as const;

// Decoding a chunk is one synchronous call, so all decoders share this.

/** The value before, by field: steps, or bits. */
const previousLow = new Int32Array(MAX_FIELDS);
const previousHigh = new Int32Array(MAX_FIELDS);
/** The window of packed bits, by field; `NO_WINDOW` before there is one. */
const leading = new Int32Array(MAX_FIELDS);
const trailing = new Int32Array(MAX_FIELDS);

const NO_VALUE = -2, NO_WINDOW = -1;

/** How to decode the fields of a point. */
export interface PointsPlan {
  /** Where a fast loop takes most points. */
  readonly fast: FastPlan | undefined;
  readonly kinds: Uint8Array;
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Units for one step. */
  readonly resolutions: Float64Array;
}

/** Prepares for fields. */
export function planPoints(fields: readonly RuledField[]): PointsPlan {
  return {
    fast: planFast(fields),
    kinds: Uint8Array.from(fields, kindOf),
    offsets: Uint32Array.from(fields, ({ offset }) => offset),
    bytes: Uint8Array.from(fields, ({ type }) => typeBytes(type)),
    resolutions: Float64Array.from(
      fields,
      ({ resolution = 0 }) => resolution,
    ),
  };
}

function kindOf({ rule, type }: RuledField): number {
  switch (rule) {
    case "steps":
      return type === "float32" ? Kind.steps32 : Kind.steps64;
    case "packed-xor":
      return Kind.packedXor;
    case "section":
      throw new Error("a section is not among the points");
    default:
      return Kind[rule];
  }
}

/** Begins a chunk: forgets the values before it. */
export function resetPoints(): void {
  previousLow.fill(0);
  previousHigh.fill(0);
  leading.fill(NO_VALUE);
}

/** The values of the point before, as the fast loop shares them. */
const previous: Previous = { low: previousLow, high: previousHigh };
const progress: Progress = { byte: 0, resumed: 0, burst: 1 };

/**
 * Decodes points: in turns by a fast loop, up to the first point that is not
 * for it, and a thorough one, which takes a burst of points from there.
 *
 * @throws {PointsError} `length` when the bytes end before the points, `header`
 * for what no encoder writes.
 */
export function decodePoints(
  stage: Uint8Array,
  reader: StageReader,
  target: Target,
  plan: PointsPlan,
): void {
  const { fast } = plan;
  const { points } = target;
  if (fast === undefined || points === 0) {
    return decodeSlowly(stage, reader, { ...target, from: 0 }, plan);
  }
  progress.burst = 1;
  for (let i = 0; i < points;) {
    const before = i;
    // The first point has values that stay for those after it.
    if (i > 0) {
      decodeFastPoints(stage, reader.at, target, i, fast, previous);
      reader.at = reached.byte;
      i = reached.points;
    }
    const burst = Math.min(nextBurst(progress, i - before), points - i);
    decodeSlowly(
      stage,
      reader,
      { ...target, points: i + burst, from: i },
      plan,
    );
    i += burst;
  }
}

/** Decodes points of any kind, from one on. */
function decodeSlowly(
  stage: Uint8Array,
  reader: StageReader,
  { view, start, stride, points, from }: Target & { from: number },
  { kinds, offsets, bytes, resolutions }: PointsPlan,
): void {
  const fields = kinds.length;
  for (
    let i = from, point = start + from * stride;
    i < points;
    i++, point += stride
  ) {
    for (let field = 0; field < fields; field++) {
      const at = point + offsets[field];
      switch (kinds[field]) {
        case Kind.raw:
          copyBits(stage, view, at, reader.skip(bytes[field]), bytes[field]);
          break;
        case Kind.xor:
          readXor(reader, view, at, field, bytes[field]);
          break;
        case Kind.packedXor:
          readPackedXor(stage, reader, field);
          view.setInt32(at, previousLow[field], true);
          view.setInt32(at + 4, previousHigh[field], true);
          break;
        case Kind.delta:
          reader.readDelta();
          addDelta(reader, field);
          if (bytes[field] === 2) {
            view.setInt16(at, previousLow[field], true);
            break;
          }
          view.setInt32(at, previousLow[field], true);
          if (bytes[field] === 8) {
            view.setInt32(at + 4, previousHigh[field], true);
          }
          break;
        default:
          readSteps(reader, view, at, field, kinds[field], resolutions[field]);
      }
    }
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
