/** Sequence numbers of 16 bits, which wrap (RFC 3550 appendix A.1). */

/** The signed distance between two of them, of which either may be extended. */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) << 16 >> 16;
}

/**
 * Extends a sequence number by the one that is nearest.
 *
 * @param near an extended sequence number, not negative.
 * @returns the extended sequence number; it may be negative.
 */
export function extendSequence(near: number, sequenceNumber: number): number {
  return near + sequenceDistance(near, sequenceNumber);
}
