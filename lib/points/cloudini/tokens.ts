/**
 * Values on their way into a chunk: the few bytes of each, laid point by point,
 * as a field's values are computed in one go, but written among others.
 *
 * Writing a block of them is one synchronous call, so all encoders share this
 * memory; as constants the arrays cost the loops no checks.
 */

/** Tokens of a block. */
export const BLOCK_TOKENS = 16_384;

/** Bytes that may be touched after the last one that counts. */
export const TOKEN_SLACK = 12;

/** The most bytes of a token. */
export const MAX_TOKEN_BYTES = 10;

/** A token's bytes 0 to 3, little-endian. */
export const low = new Uint32Array(BLOCK_TOKENS);
/** Bytes 4 to 7, where it has more than 4. */
export const middle = new Uint32Array(BLOCK_TOKENS);
/** Bytes 8 and 9, where it has more than 4. */
export const high = new Uint32Array(BLOCK_TOKENS);
/** How many bytes count. */
export const lengths = new Uint8Array(BLOCK_TOKENS);

/** Varints of less than 2^28 have at most 4 bytes. */
const SHORT_VARINT = 2 ** 28;

/** Twice as much, and 1, is an exact double. */
const MAX_PLAIN_DELTA = 2 ** 51;

/** Puts the varint of a number from 0, less than 2^53. */
export function putVarint(token: number, u: number): void {
  if (u < SHORT_VARINT) {
    // By 7 bits each; 37 / 256 stands for 1 / 7.
    const more = (31 - Math.clz32(u | 1)) * 37 >> 8;
    low[token] = spread(u) | 0x808080 >> 24 - 8 * more;
    lengths[token] = more + 1;
  } else {
    putLongVarint(token, u | 0, Math.floor(u / 2 ** 32) | 0);
  }
}

/** Puts the varint of a 64-bit number, given by its halves. */
export function putVarint64(token: number, lo: number, hi: number): void {
  if (hi === 0 && lo >>> 0 < SHORT_VARINT) putVarint(token, lo);
  else putLongVarint(token, lo, hi);
}

function putLongVarint(token: number, lo: number, hi: number): void {
  const bits = hi === 0 ? 32 - Math.clz32(lo) : 64 - Math.clz32(hi);
  const bytes = Math.max(1, Math.ceil(bits / 7));
  lengths[token] = bytes;
  low[token] = spread(lo) | continued(bytes);
  middle[token] = spread(lo >>> 28 | hi << 4) | continued(bytes - 4);
  high[token] = hi >>> 24 & 127 | hi >>> 31 << 8 | continued(bytes - 8);
}

/** Spreads the lowest 28 bits to 4 bytes of 7. */
function spread(bits: number): number {
  return bits & 127 | (bits & 127 << 7) << 1 | (bits & 127 << 14) << 2 |
    (bits & 127 << 21) << 3;
}

/** Marks the bytes, of 4, that have another after them. */
function continued(bytes: number): number {
  if (bytes > 4) return 0x80808080;
  return bytes > 1 ? 0x808080 >> 8 * (4 - bytes) : 0;
}

/**
 * Puts the varint of a 64-bit difference: zigzag, plus 1. That wraps to 0 for
 * -2^63, as in the reference.
 */
export function putDelta64(token: number, lo: number, hi: number): void {
  const sign = hi >> 31;
  const u = (lo << 1 ^ sign) + 1 | 0;
  const zigzagHigh = (hi << 1 | lo >>> 31) ^ sign;
  putVarint64(token, u, u === 0 ? zigzagHigh + 1 | 0 : zigzagHigh);
}

/** Puts the varint of a difference of at most 2^53: zigzag, plus 1. */
export function putDelta(token: number, delta: number): void {
  if (delta < MAX_PLAIN_DELTA && delta > -MAX_PLAIN_DELTA) {
    putVarint(token, delta >= 0 ? 2 * delta + 1 : -2 * delta);
  } else {
    putDelta64(token, delta | 0, Math.floor(delta / 2 ** 32));
  }
}

/** Writes tokens one after the other. */
export function writeTokens(
  stage: DataView,
  start: number,
  tokens: number,
): number {
  let at = start;
  for (let token = 0; token < tokens; token++) {
    const length = lengths[token];
    stage.setUint32(at, low[token], true);
    if (length > 4) {
      stage.setUint32(at + 4, middle[token], true);
      stage.setUint32(at + 8, high[token], true);
    }
    at = at + length | 0;
  }
  return at;
}
