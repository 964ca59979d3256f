/** Mantissa bits that float32 has more than float16. */
const MORE_BITS = 13;

/**
 * Widens the bits of a float16 to those of the float32 that is the same number;
 * a NaN keeps its payload.
 */
export function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = half >> 10 & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | mantissa << MORE_BITS;
  if (exponent > 0) {
    return sign | (exponent + 112) << 23 | mantissa << MORE_BITS;
  }
  if (mantissa === 0) return sign;
  // A denormal of float16 is a normal number of float32.
  const shift = Math.clz32(mantissa) - 21;
  return sign | (113 - shift) << 23 | (mantissa << shift & 0x3ff) << MORE_BITS;
}
