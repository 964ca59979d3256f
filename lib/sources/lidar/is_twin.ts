/**
 * Tells whether two returns of a pulse are one: it came back once. A return is
 * a distance (uint16) and an intensity (uint8).
 *
 * @param a where one of them is in the packet.
 * @param b where the other is.
 */
export function isTwin(payload: Uint8Array, a: number, b: number): boolean {
  return payload[a] === payload[b] && payload[a + 1] === payload[b + 1] &&
    payload[a + 2] === payload[b + 2];
}
