/** Bytes of a data packet: twelve blocks, the time, mode and product. */
export const PACKET_BYTES = 1206;

export const BLOCKS = 12;
export const BLOCK_BYTES = 100;

/** Distances and reflectivities of a block. */
export const CHANNELS = 32;
export const CHANNEL_BYTES = 3;

/** Points that a packet may have. */
export const PACKET_POINTS = BLOCKS * CHANNELS;

/** A block's flag and azimuth, before its channels. */
export const BLOCK_HEADER_BYTES = 4;

/** Where the microseconds past the hour are. */
export const TIME_AT = 1200;
export const MODE_AT = 1204;
export const PRODUCT_AT = 1205;

/** Which of the returns of a pulse a packet has. */
export const RETURN_MODE = {
  strongest: 0x37,
  last: 0x38,
  /** Blocks in pairs: the last, and the strongest or the one behind it. */
  dual: 0x39,
  /** The same, and four blocks that say how sure it is: Alpha Prime. */
  confident: 0x3b,
} as const;

/** The flags of blocks: of each 32 lasers its own. */
export const BANK_FLAGS = [0xeeff, 0xddff, 0xccff, 0xbbff];

/** Reads two bytes, the lower one first. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8;
}

/** Reads four bytes, the lowest one first. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (uint16At(bytes, at) | uint16At(bytes, at + 2) << 16) >>> 0;
}
