/**
 * How Ouster's sensors lay a pixel in a packet, by the names of
 * `udp_profile_lidar` (Ouster's sensor documentation, "Lidar data format").
 */

/** Bits of a pixel; none crosses a 32-bit word. */
export interface PixelBits {
  /** Byte of the word that they are in, from the start of the pixel. */
  readonly word: number;
  /** Their lowest bit in the word. */
  readonly shift: number;
  readonly mask: number;
  /** Zeros below them that aren't sent. */
  readonly up: number;
}

/** What one return of a pixel has. */
export interface ReturnBits {
  /** Millimetres; 0 where nothing came back. */
  readonly range: PixelBits;
  /** Of the target, from its calibrated strength. */
  readonly reflectivity: PixelBits;
  /** Photons that came back. */
  readonly signal?: PixelBits;
}

/** A layout of pixels. */
export interface PixelProfile {
  /** Bytes of a pixel. */
  readonly bytes: number;
  /** The strongest, or first one, and a second one where it is sent. */
  readonly returns: readonly ReturnBits[];
  /** Sunlight; the same for all returns. */
  readonly nearIr?: PixelBits;
}

/** Bits by their first one's number in the pixel, little-endian. */
function bits(first: number, count: number, up = 0): PixelBits {
  const shift = first % 32;
  return { word: (first - shift) / 8, shift, mask: 2 ** count - 1, up };
}

/** The words of 16 bytes with two returns, each of 19 bits. */
const DUAL_RETURNS: readonly ReturnBits[] = [
  {
    range: bits(0, 19),
    reflectivity: bits(24, 8),
    signal: bits(64, 16),
  },
  {
    range: bits(32, 19),
    reflectivity: bits(56, 8),
    signal: bits(80, 16),
  },
];

/** A return in 24 bits: range in steps of 8 mm. */
const LOW: ReturnBits = {
  range: bits(0, 15, 3),
  reflectivity: bits(16, 8),
};

const LOW_NEAR_IR = bits(24, 8, 4);

const LOW_DUAL: PixelProfile = {
  bytes: 8,
  returns: [LOW, {
    range: bits(32, 15, 3),
    reflectivity: bits(48, 8),
  }],
  nearIr: LOW_NEAR_IR,
};

const SINGLE: PixelProfile = {
  bytes: 12,
  returns: [{
    range: bits(0, 19),
    reflectivity: bits(32, 8),
    signal: bits(48, 16),
  }],
  nearIr: bits(64, 16),
};

/** The profiles by their names; `LEGACY` has columns of its own beside. */
export const PROFILES: ReadonlyMap<string, PixelProfile> = new Map([
  ["LEGACY", {
    bytes: 12,
    returns: [{
      range: bits(0, 20),
      reflectivity: bits(32, 8),
      signal: bits(48, 16),
    }],
    nearIr: bits(64, 16),
  }],
  ["RNG19_RFL8_SIG16_NIR16", SINGLE],
  ["RNG19_RFL8_SIG16_NIR16_ZONE16", SINGLE],
  ["RNG19_RFL8_SIG16_NIR16_DUAL", {
    bytes: 16,
    returns: DUAL_RETURNS,
    nearIr: bits(96, 16),
  }],
  ["RNG19_RFL8_SIG16_ZONE16_DUAL", { bytes: 16, returns: DUAL_RETURNS }],
  ["RNG15_RFL8_NIR8", { bytes: 4, returns: [LOW], nearIr: LOW_NEAR_IR }],
  ["RNG15_RFL8_NIR8_ZONE16", {
    bytes: 8,
    returns: [LOW],
    nearIr: LOW_NEAR_IR,
  }],
  ["RNG15_RFL8_WIN8", { bytes: 4, returns: [LOW] }],
  ["RNG15_RFL8_NIR8_DUAL", LOW_DUAL],
  ["FUSA_RNG15_RFL8_NIR8_DUAL", LOW_DUAL],
]);
