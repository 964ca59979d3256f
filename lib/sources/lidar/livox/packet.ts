/**
 * Packets of points as the Livox SDK 2's protocol has them, little-endian: a
 * header of 36 bytes, and then points that are all of one type.
 */

export const HEADER_BYTES = 36;
export const LENGTH_AT = 1;
/** Tenths of a microsecond that the packet's points took. */
export const INTERVAL_AT = 3;
export const POINTS_AT = 5;
export const NUMBER_AT = 7;
export const TYPE_AT = 10;
/** Nanoseconds, of the first point. */
export const TIME_AT = 28;

/** Types of points. Each ends in a reflectivity and a tag. */
export const POINT_TYPE = {
  /** x, y and z, int32, millimetres. */
  cartesian: 1,
  /** x, y and z, int16, centimetres. */
  coarse: 2,
  /** uint32 millimetres; uint16 from the zenith and around it, 0.01 degrees. */
  spherical: 3,
} as const;

/** Bytes of a point by its type. */
export const POINT_BYTES: ReadonlyMap<number, number> = new Map([
  [POINT_TYPE.cartesian, 14],
  [POINT_TYPE.coarse, 8],
  [POINT_TYPE.spherical, 10],
]);

/** Says why a payload is no packet of points that could be decoded. */
export function whyRefused(payload: Uint8Array): string | undefined {
  const { length } = payload;
  if (length <= HEADER_BYTES) return `${length} bytes are no Livox's packet`;
  if (payload[0] !== 0) {
    return `Livox's packets are of version 0, not ${payload[0]}`;
  }
  const size = POINT_BYTES.get(payload[TYPE_AT]);
  if (size === undefined) {
    return `A Livox's packet of type ${payload[TYPE_AT]} has no points`;
  }
  const said = payload[LENGTH_AT] | payload[LENGTH_AT + 1] << 8;
  const points = payload[POINTS_AT] | payload[POINTS_AT + 1] << 8;
  if (said !== length || HEADER_BYTES + points * size !== length) {
    return `A Livox's packet of ${points} points says ${said} bytes, and has ` +
      `${length}`;
  }
}
