/** Varints of 64 bits by halves, one at a time. */

/**
 * Writes a varint: base 128, low bits first, the high bit on all bytes but the
 * last.
 *
 * @returns where it ends.
 */
export function writeVarint(
  stage: DataView,
  start: number,
  lo: number,
  hi: number,
): number {
  let at = start;
  while (hi !== 0 || lo >>> 0 > 127) {
    stage.setUint8(at++, lo & 127 | 128);
    lo = lo >>> 7 | hi << 25;
    hi >>>= 7;
  }
  stage.setUint8(at++, lo);
  return at;
}

/**
 * Writes a difference: zigzag, plus 1, as a varint. The sum wraps to 0 for
 * -2^63, as in the reference.
 */
export function writeDelta(
  stage: DataView,
  at: number,
  lo: number,
  hi: number,
): number {
  const sign = hi >> 31;
  const u = (lo << 1 ^ sign) + 1 | 0;
  const zigzagHigh = (hi << 1 | lo >>> 31) ^ sign;
  return writeVarint(stage, at, u, u === 0 ? zigzagHigh + 1 | 0 : zigzagHigh);
}

/** Returns how many bytes `writeDelta` takes. */
export function deltaBytes(lo: number, hi: number): number {
  const sign = hi >> 31;
  const u = (lo << 1 ^ sign) + 1 | 0;
  const zigzagHigh = (hi << 1 | lo >>> 31) ^ sign;
  const uHigh = u === 0 ? zigzagHigh + 1 | 0 : zigzagHigh;
  if (uHigh === 0 && u >>> 0 < 1 << 14) return u >>> 0 < 1 << 7 ? 1 : 2;
  const bits = uHigh === 0 ? 32 - Math.clz32(u) : 64 - Math.clz32(uHigh);
  return Math.max(1, Math.ceil(bits / 7));
}
