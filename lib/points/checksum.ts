import { pack, type PointCloud } from "./cloud.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Computes a 32-bit checksum over a cloud's points, without padding and in the
 * order of their fields: FNV-1a (draft-eastlake-fnv) taken by little-endian
 * words of 32 bits, the last of them filled up with zeros. Equal sums on both
 * sides of a connection show that every value and their order arrived.
 */
export function checksumCloud(cloud: PointCloud): number {
  const { data } = pack(cloud);
  const { buffer, byteOffset, length } = data;
  const whole = length - length % 4;
  let hash = FNV_OFFSET;
  if (byteOffset % 4 === 0) {
    const words = new Uint32Array(buffer, byteOffset, whole / 4);
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ words[i], FNV_PRIME);
    }
  } else {
    const view = new DataView(buffer, byteOffset, length);
    for (let at = 0; at < whole; at += 4) {
      hash = Math.imul(hash ^ view.getUint32(at, true), FNV_PRIME);
    }
  }
  if (whole < length) {
    const last = new Uint8Array(4);
    last.set(data.subarray(whole));
    const word = new DataView(last.buffer).getUint32(0, true);
    hash = Math.imul(hash ^ word, FNV_PRIME);
  }
  return hash >>> 0;
}
