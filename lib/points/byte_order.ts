/** Values of the other byte order. */
import type { Place } from "./cloud.ts";

/** Copies one field's values from big-endian bytes to little-endian ones. */
export function copySwapped(
  target: Uint8Array,
  to: Place,
  source: Uint8Array,
  from: Place,
  { bytes, points }: { bytes: 1 | 2 | 4 | 8; points: number },
): void {
  let at = from.offset, put = to.offset;
  for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
    for (let byte = 0; byte < bytes; byte++) {
      target[put + byte] = source[at + bytes - 1 - byte];
    }
  }
}
