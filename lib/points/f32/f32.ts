import { PointsError } from "../errors.ts";

/** Bytes of one point of three float32 values. */
export const F32_POINT_BYTES = 12;

/**
 * Views `points` as raw little-endian float32 bytes, without copying.
 * Every platform that Deno and browsers run on is little-endian.
 */
export function encodeF32(points: Float32Array): Uint8Array {
  return new Uint8Array(points.buffer, points.byteOffset, points.byteLength);
}

/**
 * Cuts raw float32 points into messages of whole points, each of at most
 * `maxMessageBytes`: what the original's receiver reshapes to (-1, 3). Each is
 * a buffer of its own, as with `splitFrame`.
 *
 * @throws {PointsError} `too-large` when a point doesn't fit.
 */
export function* splitF32(
  encoded: Uint8Array,
  maxMessageBytes: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const points = Math.floor(maxMessageBytes / F32_POINT_BYTES);
  const step = points * F32_POINT_BYTES;
  if (points < 1) {
    throw new PointsError(
      "too-large",
      `Cannot send points of ${F32_POINT_BYTES} bytes in messages of ` +
        `${maxMessageBytes} bytes`,
    );
  }
  for (let start = 0; start < encoded.length; start += step) {
    yield encoded.slice(start, start + step) as Uint8Array<ArrayBuffer>;
  }
}
