/**
 * Numbers as text, straight from and to bytes: what the ascii forms of PCD and
 * PLY are made of. A value is written as the shortest decimal that reads back
 * as the same float32 or float64.
 */

/** Bytes that one number of any type takes at most. */
export const MAX_NUMBER_BYTES = 24;

/** What {@linkcode readNumber} returns where none is. */
export const NO_NUMBER = -1;

const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const LOWER_E = 0x65;

/** Bytes of a whole number that is looked at digit by digit. */
const MAX_WHOLE_BYTES = 64;

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
 * Reads the number at `start`, which ends at a space or another control or with
 * `bytes`, into `out[0]`: a decimal with or without an exponent, nan, inf or
 * infinity, in any case, or what Microsoft's C wrote for those.
 *
 * @returns the offset after it, or {@linkcode NO_NUMBER}.
 */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  out: Float64Array,
): number {
  let i = start;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === PLUS) i++;
  const first = i;
  let mantissa = 0;
  let exponent = 0;
  let digit = 0;
  while ((digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    i++;
  }
  let digits = i - first;
  if (bytes[i] === DOT) {
    const point = ++i;
    while ((digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      i++;
    }
    exponent = point - i;
    digits += i - point;
  }
  if (digits === 0) return readWord(bytes, first, negative, out);
  if ((bytes[i] | 0x20) === LOWER_E) {
    i++;
    const below = bytes[i] === MINUS;
    if (below || bytes[i] === PLUS) i++;
    const power = i;
    let value = 0;
    while ((digit = bytes[i] - ZERO) >= 0 && digit <= 9) {
      value = value * 10 + digit;
      i++;
    }
    if (i === power) return NO_NUMBER;
    exponent += below ? -value : value;
  }
  if (bytes[i] > SPACE) return readWord(bytes, first, negative, out);
  // One rounding where both parts are exact (Clinger 1990), else the engine's.
  const magnitude = mantissa > Number.MAX_SAFE_INTEGER ||
      Math.abs(exponent) > MAX_POWER
    ? Number(text(bytes, first, i))
    : exponent < 0
    ? mantissa / POWERS[-exponent]
    : mantissa * POWERS[exponent];
  out[0] = negative ? -magnitude : magnitude;
  return i;
}

/** Returns where the word at `start` ends. */
export function wordEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  while (bytes[end] > SPACE) end++;
  return end;
}

/** Longer words are none of those that stand for a number. */
const MAX_WORD_BYTES = 16;

/** `-nan(ind)`, `1.#QNAN`, `-1.#IND00`. */
const NAN = /^(nan(\(\w*\))?|1\.#(qnan|snan|ind)0*)$/;

/** `1.#INF00`. */
const INFINITE = /^(inf|infinity|1\.#inf0*)$/;

function readWord(
  bytes: Uint8Array,
  start: number,
  negative: boolean,
  out: Float64Array,
): number {
  const end = wordEnd(bytes, start);
  if (end - start > MAX_WORD_BYTES) return NO_NUMBER;
  const word = text(bytes, start, end).toLowerCase();
  const isNaN = NAN.test(word);
  if (!isNaN && !INFINITE.test(word)) return NO_NUMBER;
  out[0] = isNaN ? NaN : negative ? -Infinity : Infinity;
  return end;
}

/** Returns the text of ASCII `bytes` from `start` to `end`. */
function text(bytes: Uint8Array, start: number, end: number): string {
  let result = "";
  for (let i = start; i < end; i++) result += String.fromCharCode(bytes[i]);
  return result;
}

const WHOLE = /^([-+]?)(\d+)(?:\.(\d*))?(?:e([-+]?\d{1,3}))?$/i;

/** Decimal exponents of a whole number that 64 bits may hold. */
const MAX_WHOLE_POWER = 20;

/**
 * Returns the whole number that is `bytes` from `start` to `end`, exactly,
 * with or without a point or exponent.
 *
 * @returns nothing for what is no whole number or has far more than 64 bits.
 */
export function readBigInt(
  bytes: Uint8Array,
  start: number,
  end: number,
): bigint | undefined {
  if (end - start > MAX_WHOLE_BYTES) return undefined;
  const match = WHOLE.exec(text(bytes, start, end));
  if (match === null) return undefined;
  const [, sign, before, after = "", exponent = "0"] = match;
  const power = Number(exponent) - after.length;
  if (power > MAX_WHOLE_POWER || -power > MAX_WHOLE_BYTES) return undefined;
  const digits = BigInt(before + after);
  const scale = 10n ** BigInt(Math.abs(power));
  if (power < 0 && digits % scale !== 0n) return undefined;
  const value = power < 0 ? digits / scale : digits * scale;
  return sign === "-" ? -value : value;
}

/**
 * Writes a whole number of up to 32 bits, signed or not, at `at`.
 *
 * @returns the offset after it.
 */
export function writeWhole(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  if (value < 0) {
    out[at++] = MINUS;
    value = -value;
  }
  return writeDigits(out, at, value, countDigits(value));
}

/**
 * Writes a float64 value at `at`, as short as reads back; `nan` for any NaN,
 * `inf`.
 *
 * @returns the offset after it.
 */
export function writeDouble(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  if (Number.isFinite(value) && value !== 0) {
    return writeText(out, at, `${value}`);
  }
  return writeNumber(out, at, value);
}

/**
 * Writes a whole number of 64 bits at `at`.
 *
 * @returns the offset after it.
 */
export function writeBigInt(
  out: Uint8Array,
  at: number,
  value: bigint,
): number {
  return writeText(out, at, `${value}`);
}

/**
 * Writes a float32 value at `at`, as short as reads back; `nan` for any NaN,
 * `inf`.
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
