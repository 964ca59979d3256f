const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) {
    sum = sum & 1 ? sum >>> 1 ^ POLYNOMIAL : sum >>> 1;
  }
  return sum;
});

/** Computes the checksum that zip has of a file (CRC-32, ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    sum = sum >>> 8 ^ TABLE[(sum ^ bytes[i]) & 0xff];
  }
  return ~sum >>> 0;
}
