/** Turns one field's values into tokens, in the way that its rule says. */
import { typeBytes } from "../field.ts";
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

/** Points of a cloud, as the encoders read them. */
export interface Points {
  /** The cloud's bytes. */
  view: DataView;
  /** Byte where the first point begins. */
  start: number;
  /** Bytes from one point to the next. */
  stride: number;
  points: number;
}

/** Where tokens go: `step` from one point's to the next one's. */
export interface TokenPlace {
  first: number;
  step: number;
}

/** Turns a field's values into tokens, from the first of a chunk on. */
export interface ColumnEncoder {
  /** Begins a chunk: forgets the values before it. */
  reset(): void;
  /** @returns whether the rule can hold all values. */
  put(points: Points, place: TokenPlace): boolean;
}

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

/** Added to a double of less than 2^51, this leaves the nearest integer. */
const ROUND = 1.5 * 2 ** 52;

/** Steps as far from 0, and their differences, are exact doubles. */
const MAX_STEPS = 2 ** 51;

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

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    const multiplier = this.#multiplier;
    let previous = this.#previous;
    let at = start + this.#offset;
    let token = place.first;
    for (let i = 0; i < points; i++, at += stride, token += place.step) {
      const steps = Math.fround(view.getFloat32(at, true) * multiplier);
      if (steps !== steps) {
        putVarint(token, 0);
        previous = 0;
        continue;
      }
      if (!(steps >= -(2 ** 31) && steps < 2 ** 31)) return false;
      const whole = steps + ROUND - ROUND | 0;
      // As in the reference, differences wrap in int32.
      const delta = whole - previous | 0;
      previous = whole;
      putVarint(token, ((delta << 1 ^ delta >> 31) >>> 0) + 1);
    }
    this.#previous = previous;
    return true;
  }
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

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    const multiplier = this.#multiplier, isDouble = this.#isDouble;
    let previous = this.#previous;
    let at = start + this.#offset;
    let token = place.first;
    for (let i = 0; i < points; i++, at += stride, token += place.step) {
      const steps = isDouble
        ? view.getFloat64(at, true) * multiplier
        : Math.fround(view.getFloat32(at, true) * multiplier);
      if (steps !== steps) {
        putVarint(token, 0);
        previous = 0;
        continue;
      }
      if (!(Math.abs(steps) <= MAX_STEPS)) return false;
      // Half goes away from zero.
      const cut = Math.trunc(steps), rest = steps - cut;
      const whole = rest >= 0.5 ? cut + 1 : rest <= -0.5 ? cut - 1 : cut;
      putDelta(token, whole - previous);
      previous = whole;
    }
    this.#previous = previous;
    return true;
  }
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
      if (bytes === 1) {
        low[token] = view.getUint8(at);
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

/** A value's first bits: 1, and 1 again for a window of its own, or 0. */
const SAME_WINDOW = 0b01, SAME_WINDOW_BITS = 2;
const NEW_WINDOW = 0b11, NEW_WINDOW_BITS = 2 + 5 + 6;

/** The most leading zeros that a window can say. */
const MAX_LEADING = 31;

class PackedXorColumn implements ColumnEncoder {
  readonly #offset: number;
  #isFirst = true;
  #previousLow = 0;
  #previousHigh = 0;
  /** Zeros before and after the window; none fit before there is one. */
  #leading = Infinity;
  #trailing = 0;

  constructor({ offset }: RuledField) {
    this.#offset = offset;
  }

  reset(): void {
    this.#isFirst = true;
    this.#previousLow = 0;
    this.#previousHigh = 0;
    this.#leading = Infinity;
  }

  put({ view, start, stride, points }: Points, place: TokenPlace): boolean {
    let at = start + this.#offset;
    let token = place.first;
    let i = 0;
    let previousLow = this.#previousLow, previousHigh = this.#previousHigh;
    for (; i < points; i++, at += stride, token += place.step) {
      const lo = view.getInt32(at, true), hi = view.getInt32(at + 4, true);
      if (lo === previousLow && hi === previousHigh && !this.#isFirst) {
        low[token] = 0;
        lengths[token] = 1;
        continue;
      }
      this.#putBits(token, lo ^ previousLow, hi ^ previousHigh);
      previousLow = lo;
      previousHigh = hi;
    }
    this.#previousLow = previousLow;
    this.#previousHigh = previousHigh;
    return true;
  }

  /** Puts bits that differ from the previous ones, or the first ones. */
  #putBits(token: number, lo: number, hi: number): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      putToken(token, lo, hi, 0, 0, 64);
      return;
    }
    const leading = hi !== 0 ? Math.clz32(hi) : 32 + Math.clz32(lo);
    const trailing = lo !== 0 ? trailingZeros(lo) : 32 + trailingZeros(hi);
    if (leading < this.#leading || trailing < this.#trailing) {
      this.#leading = Math.min(leading, MAX_LEADING);
      this.#trailing = trailing;
      const count = 64 - this.#leading - trailing;
      const prefix = NEW_WINDOW | this.#leading << 2 | count - 1 << 7;
      this.#putWindow(token, lo, hi, prefix, NEW_WINDOW_BITS);
    } else {
      this.#putWindow(token, lo, hi, SAME_WINDOW, SAME_WINDOW_BITS);
    }
  }

  #putWindow(
    token: number,
    lo: number,
    hi: number,
    prefix: number,
    bits: number,
  ): void {
    const trailing = this.#trailing;
    const bitsInAll = bits + 64 - this.#leading - trailing;
    if (trailing >= 32) {
      putToken(token, hi >>> trailing - 32, 0, prefix, bits, bitsInAll);
    } else if (trailing > 0) {
      const shifted = lo >>> trailing | hi << 32 - trailing;
      putToken(token, shifted, hi >>> trailing, prefix, bits, bitsInAll);
    } else {
      putToken(token, lo, hi, prefix, bits, bitsInAll);
    }
  }
}

/** Puts `shift` bits of a prefix and 64 bits after them, as whole bytes. */
function putToken(
  token: number,
  lo: number,
  hi: number,
  prefix: number,
  shift: number,
  bits: number,
): void {
  lengths[token] = bits + 7 >> 3;
  low[token] = prefix | lo << shift;
  middle[token] = shift === 0 ? hi : lo >>> 32 - shift | hi << shift;
  high[token] = shift === 0 ? 0 : hi >>> 32 - shift;
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
