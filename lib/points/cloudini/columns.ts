/** Turns one field's values into tokens, in the way that its rule says. */
import { typeBytes } from "../field.ts";
import {
  FAST_STEPS,
  ROUND,
  TABLE_CENTER,
  TWO_BYTE_STEPS,
  VARINTS,
} from "./first_stage.ts";
import type { ColumnEncoder, Points, TokenPlace } from "./column.ts";
import { PackedXorColumn } from "./packed_xor_column.ts";
import { isUnsigned, type RuledField } from "./rules.ts";
import {
  high,
  lengths,
  low,
  middle,
  putDelta,
  putDelta64,
  putVarint,
} from "./tokens.ts";

/** Makes what writes the values of a field among the others of its point. */
export function createColumnEncoder(field: RuledField): ColumnEncoder {
  switch (field.rule) {
    case "leading":
      return new LeadingColumn(field);
    case "steps":
      return new StepsColumn(field);
    case "packed-xor":
      return new PackedXorColumn(field);
    case "delta":
      return typeBytes(field.type) === 8
        ? new LongDeltaColumn(field)
        : new DeltaColumn(field);
    default:
      return new BitsColumn(field);
  }
}

/** Steps up to here, and their differences, are exact doubles. */
const MAX_STEPS = 2 ** 53;

// V8 compiles a loop while it runs, when what follows it isn't known yet, so
// that a method which stores something after its loop would leave compiled code
// there each time. So loops are functions of their own that return. They are of
// some size too: V8 inlines small ones early, where their loops stay slow.

class LeadingColumn implements ColumnEncoder {
  readonly #offset: number;
  readonly #multiplier: number;
  #previous = 0;

  constructor({ offset, resolution }: RuledField) {
    this.#offset = offset;
    this.#multiplier = Math.fround(1 / resolution!);
  }

  reset(): void {
    this.#previous = 0;
  }

  put(points: Points, place: TokenPlace): boolean {
    const at = points.start + this.#offset;
    const previous = putLeading(
      ...[points, at, place, this.#multiplier, this.#previous] as const,
    );
    this.#previous = previous;
    return previous === previous;
  }
}

/**
 * Puts steps in int32.
 *
 * @returns the last value's steps, or NaN where they can't hold a value.
 */
function putLeading(
  { view, stride, points }: Points,
  start: number,
  { first, step }: TokenPlace,
  multiplier: number,
  before: number,
): number {
  const lows = low, sizes = lengths, varints = VARINTS;
  const round = ROUND, most = TWO_BYTE_STEPS, center = TABLE_CENTER;
  let previous = before + round;
  let isFar = Math.abs(before) >= FAST_STEPS;
  let at = start, token = first;
  for (let i = 0; i < points; i++, at += stride, token += step) {
    const product = Math.fround(view.getFloat32(at, true) * multiplier);
    const steps = product + round;
    const delta = steps - previous;
    if (Math.abs(delta) <= most && !isFar) {
      const varint = varints[(delta | 0) + center];
      lows[token] = varint & 0xffff;
      sizes[token] = varint >> 16;
      previous = steps;
      continue;
    }
    if (product !== product) {
      putVarint(token, 0);
      previous = round;
      isFar = false;
      continue;
    }
    if (!(product >= -(2 ** 31) && product < 2 ** 31)) return NaN;
    // As in the reference, differences wrap in int32.
    const wrapped = delta | 0;
    putVarint(token, ((wrapped << 1 ^ wrapped >> 31) >>> 0) + 1);
    isFar = Math.abs(product) >= FAST_STEPS;
    previous = steps;
  }
  return previous - round;
}

class StepsColumn implements ColumnEncoder {
  readonly #offset: number;
  readonly #multiplier: number;
  readonly #isDouble: boolean;
  #previous = 0;

  constructor({ offset, resolution, type }: RuledField) {
    this.#offset = offset;
    this.#isDouble = type === "float64";
    this.#multiplier = this.#isDouble
      ? 1 / resolution!
      : Math.fround(1 / resolution!);
  }

  reset(): void {
    this.#previous = 0;
  }

  put(points: Points, place: TokenPlace): boolean {
    const at = points.start + this.#offset;
    const isDouble = this.#isDouble, multiplier = this.#multiplier;
    const previous = putSteps(
      ...[points, at, place, { isDouble, multiplier }, this.#previous] as const,
    );
    this.#previous = previous;
    return previous === previous;
  }
}

/** As `putLeading`, with steps in int64. */
function putSteps(
  { view, stride, points }: Points,
  start: number,
  { first, step }: TokenPlace,
  { isDouble, multiplier }: { isDouble: boolean; multiplier: number },
  before: number,
): number {
  const lows = low, sizes = lengths, varints = VARINTS;
  const most = TWO_BYTE_STEPS, center = TABLE_CENTER;
  let previous = before;
  let at = start, token = first;
  for (let i = 0; i < points; i++, at += stride, token += step) {
    const steps = isDouble
      ? view.getFloat64(at, true) * multiplier
      : Math.fround(view.getFloat32(at, true) * multiplier);
    // Half goes away from zero.
    const cut = Math.trunc(steps), rest = steps - cut;
    const whole = rest >= 0.5 ? cut + 1 : rest <= -0.5 ? cut - 1 : cut;
    const delta = whole - previous;
    if (Math.abs(delta) <= most) {
      const varint = varints[(delta | 0) + center];
      lows[token] = varint & 0xffff;
      sizes[token] = varint >> 16;
      previous = whole;
    } else if (steps !== steps) {
      putVarint(token, 0);
      previous = 0;
    } else if (Math.abs(whole) <= MAX_STEPS && Math.abs(delta) <= MAX_STEPS) {
      putDelta(token, delta);
      previous = whole;
    } else {
      return NaN;
    }
  }
  return previous;
}

/** Bits as they are, or XOR the bits before them. */
class BitsColumn implements ColumnEncoder {
  readonly #offset: number;
  readonly #bytes: 1 | 2 | 4 | 8;
  readonly #isXor: boolean;
  #previousLow = 0;
  #previousHigh = 0;

  constructor({ offset, type, rule }: RuledField) {
    this.#offset = offset;
    this.#bytes = typeBytes(type);
    this.#isXor = rule === "xor";
  }

  reset(): void {
    this.#previousLow = 0;
    this.#previousHigh = 0;
  }

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    const bytes = this.#bytes, isXor = this.#isXor;
    let at = start + this.#offset;
    let token = place.first;
    for (let i = 0; i < points; i++, at += stride, token += place.step) {
      lengths[token] = bytes;
      if (bytes < 4) {
        low[token] = bytes === 1 ? view.getUint8(at) : view.getUint16(at, true);
        continue;
      }
      const bits = view.getInt32(at, true);
      low[token] = bits ^ this.#previousLow;
      if (isXor) this.#previousLow = bits;
      if (bytes === 4) continue;
      const highBits = view.getInt32(at + 4, true);
      middle[token] = highBits ^ this.#previousHigh;
      high[token] = 0;
      if (isXor) this.#previousHigh = highBits;
    }
    return true;
  }
}

/** Differences of integers of 16 or 32 bits. */
class DeltaColumn implements ColumnEncoder {
  readonly #offset: number;
  readonly #isShort: boolean;
  readonly #isUnsigned: boolean;
  #previous = 0;

  constructor({ offset, type }: RuledField) {
    this.#offset = offset;
    this.#isShort = typeBytes(type) === 2;
    this.#isUnsigned = isUnsigned(type);
  }

  reset(): void {
    this.#previous = 0;
  }

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    const isShort = this.#isShort, isUnsigned = this.#isUnsigned;
    let previous = this.#previous;
    let at = start + this.#offset;
    let token = place.first;
    for (let i = 0; i < points; i++, at += stride, token += place.step) {
      const bits = isShort ? view.getInt16(at, true) : view.getInt32(at, true);
      const value = !isUnsigned ? bits : isShort ? bits & 0xffff : bits >>> 0;
      putDelta(token, value - previous);
      previous = value;
    }
    this.#previous = previous;
    return true;
  }
}

/** Differences of integers of 64 bits, which wrap. */
class LongDeltaColumn implements ColumnEncoder {
  readonly #offset: number;
  #previousLow = 0;
  #previousHigh = 0;

  constructor({ offset }: RuledField) {
    this.#offset = offset;
  }

  reset(): void {
    this.#previousLow = 0;
    this.#previousHigh = 0;
  }

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    let previousLow = this.#previousLow, previousHigh = this.#previousHigh;
    let at = start + this.#offset;
    let token = place.first;
    for (let i = 0; i < points; i++, at += stride, token += place.step) {
      const lo = view.getInt32(at, true), hi = view.getInt32(at + 4, true);
      const borrow = lo >>> 0 < previousLow >>> 0 ? 1 : 0;
      putDelta64(token, lo - previousLow | 0, hi - previousHigh - borrow | 0);
      previousLow = lo;
      previousHigh = hi;
    }
    this.#previousLow = previousLow;
    this.#previousHigh = previousHigh;
    return true;
  }
}
