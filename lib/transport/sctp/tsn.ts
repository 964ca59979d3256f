/**
 * Transmission sequence numbers (RFC 9260 section 1.6) count modulo 2^32. Here
 * they are kept unwrapped, as integers that only grow, so that they compare as
 * numbers do.
 */

/** Makes the first unwrapped TSN; there is room for earlier ones below it. */
export function firstTsn(tsn: number): number {
  return 2 ** 32 + (tsn >>> 0);
}

/** The unwrapped TSN that is `tsn` on the wire and nearest to `reference`. */
export function unwrapTsn(tsn: number, reference: number): number {
  return reference + ((tsn - (reference >>> 0)) | 0);
}

/** The TSN as it is on the wire, uint32. */
export function wrapTsn(tsn: number): number {
  return tsn >>> 0;
}
