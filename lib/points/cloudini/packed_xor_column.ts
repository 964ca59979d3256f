import type { ColumnEncoder, Points, TokenPlace } from "./column.ts";
import type { RuledField } from "./rules.ts";
import { high, lengths, low, middle } from "./tokens.ts";

/** A value's first bits: 1, and 1 again for a window of its own, or 0. */
const SAME_WINDOW = 0b01, SAME_WINDOW_BITS = 2;
const NEW_WINDOW = 0b11, NEW_WINDOW_BITS = 2 + 5 + 6;

/** The most leading zeros that a window can say. */
const MAX_LEADING = 31;

/** Bits of float64 XOR the bits before them, but only those that differ. */
export class PackedXorColumn implements ColumnEncoder {
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
