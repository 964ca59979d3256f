/**
 * Numbers as text, straight from and to bytes: what the ascii forms of PCD and
 * PLY are made of. A value is written as the shortest decimal that reads back
 * as the same float32, and read to the float32 nearest to its double.
 */

/** Bytes that one number takes at most, as {@linkcode writeNumber} writes. */
export const MAX_NUMBER_BYTES = 16;

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const LOWER_E = 0x65;

/** The powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_POWER = POWERS.length - 1;

/** Six digits always survive a float32, nine always tell two of them apart. */
const MIN_DIGITS = 6;
const MAX_DIGITS = 9;

/** Below this, no shorter decimal than a whole number itself rounds to it. */
const WHOLE_BELOW = 2 ** 24;

/** Decimal exponents written without an e. */
const FIXED_FROM = -5;
const FIXED_TO = 9;

/**
 * Reads the number that is `bytes` from `start` to `end` into `out[at]`: a
 * decimal with or without an exponent, nan, inf or infinity, in any case.
 *
 * @returns whether it is a number.
 */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Float32Array,
  at: number,
): boolean {
  let i = start;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === PLUS) i++;
  const first = i;
  let mantissa = 0;
  let exponent = 0;
  let digit = 0;
  while (i < end && (digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    i++;
  }
  let digits = i - first;
  if (i < end && bytes[i] === DOT) {
    const point = ++i;
    while (i < end && (digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      i++;
    }
    exponent = point - i;
    digits += i - point;
  }
  if (digits === 0) return readWord(bytes, first, end, negative, out, at);
  if (i < end && (bytes[i] | 0x20) === LOWER_E) {
    i++;
    const below = bytes[i] === MINUS;
    if (i < end && (below || bytes[i] === PLUS)) i++;
    if (i >= end) return false;
    let power = 0;
    while (i < end && (digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
      power = power * 10 + digit;
      i++;
    }
    exponent += below ? -power : power;
  }
  if (i !== end) return false;
  // One rounding where both parts are exact (Clinger 1990), else the engine's.
  const magnitude = mantissa > Number.MAX_SAFE_INTEGER ||
      Math.abs(exponent) > MAX_POWER
    ? Number(text(bytes, first, end))
    : exponent < 0
    ? mantissa / POWERS[-exponent]
    : mantissa * POWERS[exponent];
  out[at] = negative ? -magnitude : magnitude;
  return true;
}

function readWord(
  bytes: Uint8Array,
  start: number,
  end: number,
  negative: boolean,
  out: Float32Array,
  at: number,
): boolean {
  if (end - start > "infinity".length) return false;
  const word = text(bytes, start, end).toLowerCase();
  if (word === "nan") {
    out[at] = NaN;
    return true;
  }
  if (word !== "inf" && word !== "infinity") return false;
  out[at] = negative ? -Infinity : Infinity;
  return true;
}

/** Returns the text of ASCII `bytes` from `start` to `end`. */
function text(bytes: Uint8Array, start: number, end: number): string {
  let result = "";
  for (let i = start; i < end; i++) result += String.fromCharCode(bytes[i]);
  return result;
}

/**
 * Reads the whole number, int32 or uint32, that is `bytes` from `start` to
 * `end`, into `out[at]`.
 *
 * @returns whether it is one.
 */
export function readWhole(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint32Array,
  at: number,
): boolean {
  const negative = bytes[start] === MINUS;
  let i = negative ? start + 1 : start;
  if (i === end) return false;
  let value = 0;
  for (; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  if (value > (negative ? 0x80000000 : 0xffffffff)) return false;
  out[at] = negative ? -value : value;
  return true;
}

/**
 * Writes a whole number from 0 to 4,294,967,295 at `at`.
 *
 * @returns the offset after it.
 */
export function writeWhole(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  return writeDigits(out, at, value, countDigits(value));
}

/**
 * Writes a float32 value at `at`: at most {@linkcode MAX_NUMBER_BYTES} bytes,
 * `nan` for any NaN, `inf`.
 *
 * @returns the offset after it.
 */
export function writeNumber(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  if (value !== value) return writeText(out, at, "nan");
  if (value < 0 || Object.is(value, -0)) {
    out[at++] = MINUS;
    value = -value;
  }
  if (value === Infinity) return writeText(out, at, "inf");
  if (value < WHOLE_BELOW && Math.trunc(value) === value) {
    return writeWhole(out, at, value);
  }
  const first = Math.floor(Math.log10(value));
  for (let digits = MIN_DIGITS; digits <= MAX_DIGITS; digits++) {
    // value = whole / 10^scale; the powers and whole are exact, so that
    // this division rounds as reading the decimal does.
    const scale = digits - 1 - first;
    if (Math.abs(scale) > MAX_POWER) break;
    const power = POWERS[Math.abs(scale)];
    const whole = Math.round(scale < 0 ? value / power : value * power);
    const back = scale < 0 ? whole * power : whole / power;
    if (Math.fround(back) === value) {
      return writeDecimal(out, at, whole, scale);
    }
  }
  return writeExtreme(out, at, value);
}

/**
 * Writes values that are too large, small or close to such for exact powers.
 */
function writeExtreme(out: Uint8Array, at: number, value: number): number {
  for (let digits = 1; digits < MAX_DIGITS; digits++) {
    const short = value.toExponential(digits - 1);
    if (Math.fround(Number(short)) === value) return writeText(out, at, short);
  }
  return writeText(out, at, value.toExponential(MAX_DIGITS - 1));
}

/** Writes whole / 10^scale, `whole` from 1 to 1e9. */
function writeDecimal(
  out: Uint8Array,
  at: number,
  whole: number,
  scale: number,
): number {
  while (whole % 10 === 0) {
    whole /= 10;
    scale--;
  }
  const digits = countDigits(whole);
  const exponent = digits - 1 - scale;
  if (exponent < FIXED_FROM || exponent > FIXED_TO) {
    at = digits === 1
      ? writeDigits(out, at, whole, 1)
      : writePointed(out, at, whole, digits, 1);
    return writeText(out, at, `e${exponent}`);
  }
  if (scale <= 0) {
    at = writeDigits(out, at, whole, digits);
    out.fill(ZERO, at, at - scale);
    return at - scale;
  }
  if (exponent >= 0) return writePointed(out, at, whole, digits, exponent + 1);
  out[at++] = ZERO;
  out[at++] = DOT;
  for (let i = exponent + 1; i < 0; i++) out[at++] = ZERO;
  return writeDigits(out, at, whole, digits);
}

/** Writes `whole` with a point after its first `before` digits. */
function writePointed(
  out: Uint8Array,
  at: number,
  whole: number,
  digits: number,
  before: number,
): number {
  const power = POWERS[digits - before];
  const left = Math.floor(whole / power);
  at = writeDigits(out, at, left, before);
  out[at++] = DOT;
  return writeDigits(out, at, whole - left * power, digits - before);
}

function writeDigits(
  out: Uint8Array,
  at: number,
  value: number,
  digits: number,
): number {
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    out[i] = ZERO + value - rest * 10;
    value = rest;
  }
  return at + digits;
}

function countDigits(value: number): number {
  let digits = 1;
  while (value >= POWERS[digits]) digits++;
  return digits;
}

function writeText(out: Uint8Array, at: number, ascii: string): number {
  for (let i = 0; i < ascii.length; i++) out[at++] = ascii.charCodeAt(i);
  return at;
}
