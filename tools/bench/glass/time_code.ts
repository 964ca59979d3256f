/** A time drawn into a picture, in blocks that survive being encoded. */

/** Pixels of a picture that a time is drawn into. */
export const PICTURE = { width: 640, height: 360 } as const;

/** Pixels of a block's side: still four where a picture is a quarter as wide. */
const BLOCK = 16;
const VALUE_BITS = 32;
const CHECK_BITS = 8;
/** Bits of a code, of which a row of blocks has one. */
const BITS = VALUE_BITS + CHECK_BITS;
const DARK = 16;
const LIGHT = 235;
const MIDDLE = 128;

/**
 * Draws a time into the top of a picture's luma.
 *
 * @param luma a byte a pixel, `PICTURE` of them.
 * @param time milliseconds, of which the lower 32 bits are drawn.
 */
export function drawTime(luma: Uint8Array, time: number): void {
  const value = Math.round(time) >>> 0;
  for (let bit = 0; bit < BITS; bit++) {
    const isSet = bit < VALUE_BITS
      ? value >>> bit & 1
      : checkOf(value) >>> (bit - VALUE_BITS) & 1;
    for (let y = 0; y < BLOCK; y++) {
      const from = y * PICTURE.width + bit * BLOCK;
      luma.fill(isSet ? LIGHT : DARK, from, from + BLOCK);
    }
  }
}

/**
 * Reads a time that was drawn.
 *
 * @param near milliseconds; the time is at most some days from it.
 * @returns undefined where the picture is too poor to read it.
 */
export function readTime(luma: Uint8Array, near: number): number | undefined {
  let value = 0;
  let check = 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (!isLight(luma, bit)) continue;
    if (bit < VALUE_BITS) value |= 1 << bit;
    else check |= 1 << (bit - VALUE_BITS);
  }
  if (checkOf(value) !== check) return undefined;
  return near + ((value - (Math.round(near) >>> 0)) | 0);
}

/** By the middle of a block: its borders are blurred. */
function isLight(luma: Uint8Array, bit: number): boolean {
  let sum = 0;
  for (let y = BLOCK / 4; y < 3 * BLOCK / 4; y++) {
    for (let x = BLOCK / 4; x < 3 * BLOCK / 4; x++) {
      sum += luma[y * PICTURE.width + bit * BLOCK + x];
    }
  }
  return sum > MIDDLE * (BLOCK / 2) ** 2;
}

/** Not 0 for 0: a black picture has no time. */
function checkOf(value: number): number {
  return (value ^ value >>> 8 ^ value >>> 16 ^ value >>> 24 ^ 0x5a) & 0xff;
}
