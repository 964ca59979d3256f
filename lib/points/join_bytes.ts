/** Bytes that come in pieces. */

/** Counts the bytes of all pieces. */
export function countBytes(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Copies pieces into one.
 *
 * @param length bytes of all of them, where that is known.
 */
export function joinBytes(
  parts: readonly Uint8Array[],
  length: number = countBytes(parts),
): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
