/** CRC32c (RFC 9260 appendix A), the checksum of SCTP packets. */

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: bytes are taken eight at a time. */
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    }
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256];
    tables[i] = (before >>> 8) ^ tables[before & 0xff];
  }
  return tables;
}

/**
 * Goes on with a CRC over `bytes[start, end)`. Begin with -1; the complement
 * (`~`) of the last result is the CRC, an int32.
 */
export function updateCrc32c(
  crc: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const t = TABLES;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    const low = crc ^
      (bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24);
    crc = t[1792 + (low & 0xff)] ^ t[1536 + (low >>> 8 & 0xff)] ^
      t[1280 + (low >>> 16 & 0xff)] ^ t[1024 + (low >>> 24)] ^
      t[768 + bytes[i + 4]] ^ t[512 + bytes[i + 5]] ^
      t[256 + bytes[i + 6]] ^ t[bytes[i + 7]];
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]) & 0xff];
  return crc;
}

const NO_CHECKSUM = new Uint8Array(4);

/**
 * The checksum of an SCTP packet, uint32: the CRC with the checksum's own four
 * bytes, 8 to 11, taken as zero.
 */
export function packetChecksum(packet: Uint8Array): number {
  let crc = updateCrc32c(-1, packet, 0, 8);
  crc = updateCrc32c(crc, NO_CHECKSUM, 0, 4);
  return ~updateCrc32c(crc, packet, 12, packet.length) >>> 0;
}
