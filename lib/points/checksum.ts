/**
 * Computes a 32-bit checksum over the bit patterns of float32 values: FNV-1a
 * (draft-eastlake-fnv) taken word by word, so that equal sums on both sides of
 * a connection show that every value and their order arrived.
 */
export function checksumF32(values: Float32Array): number {
  const words = new Uint32Array(
    values.buffer,
    values.byteOffset,
    values.length,
  );
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], 0x01000193);
  }
  return hash >>> 0;
}
