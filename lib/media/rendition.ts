/** Bits a second that video is encoded to. */
export interface BitrateRange {
  /** No less, however narrow the network is. */
  readonly least: number;
  /** No more, however wide it is. */
  readonly most: number;
}

/** How pictures come, before they are encoded. */
export interface PictureFormat {
  /** Pixels, even. */
  readonly width: number;
  /** Pixels, even. */
  readonly height: number;
  /** Frames a second. */
  readonly frameRate: number;
}

/** One way to encode video. */
export interface Rendition {
  /** Bits a second. */
  readonly bitrate: number;
  /** Pixels, even. */
  readonly width: number;
  /** Pixels, even. */
  readonly height: number;
  /** Most frames from a keyframe to the next. */
  readonly keyframeInterval: number;
}

/**
 * Bits a second of any video: small pictures have more detail in each pixel.
 */
const LEAST_BITRATE = 300_000;
const BITS_PER_PIXEL = 0.08;
const MAX_BITRATE = 6_000_000;
/** What video can be thinned to, bits a second. */
const THIN_BITRATE = 150_000;

/** Chooses the bits a second for video that nobody gave any for. */
export function defaultBitrates(
  { width, height, frameRate }: PictureFormat,
): BitrateRange {
  const rich = LEAST_BITRATE + BITS_PER_PIXEL * width * height * frameRate;
  return {
    least: THIN_BITRATE,
    most: Math.round(Math.min(rich, MAX_BITRATE)),
  };
}

/** Bits for each pixel of each frame: with fewer, a picture is all blocks. */
const FEWEST_BITS_PER_PIXEL = 0.04;
/** What a side is multiplied by where there are too few. */
const SCALES = [1, 3 / 4, 1 / 2, 3 / 8, 1 / 4];
/** The shortest side that a picture is made smaller to, pixels. */
const SMALLEST_SIDE = 90;

/** Chooses what a side of pictures is multiplied by, at most 1. */
export function scaleAt(
  bitrate: number,
  { width, height, frameRate }: PictureFormat,
): number {
  const pixels = bitrate / frameRate / FEWEST_BITS_PER_PIXEL;
  const side = Math.min(width, height);
  const wide = SCALES.filter((s) => s === 1 || s * side >= SMALLEST_SIDE);
  return wide.find((scale) => scale * scale * width * height <= pixels) ??
    wide.at(-1)!;
}

/**
 * Seconds between keyframes. Each costs as much as several other frames, and
 * who needs one sooner can ask for it.
 */
const KEYFRAME_S = 2;
const THIN_KEYFRAME_S = 4;
/** Below this keyframes are rarer, bits a second. */
const RICH_BITRATE = 1_000_000;

/** Chooses how pictures are encoded to so many bits a second. */
export function renditionAt(bitrate: number, format: PictureFormat): Rendition {
  const scale = scaleAt(bitrate, format);
  const seconds = bitrate < RICH_BITRATE ? THIN_KEYFRAME_S : KEYFRAME_S;
  return {
    bitrate: Math.round(bitrate),
    width: evenSide(scale * format.width),
    height: evenSide(scale * format.height),
    keyframeInterval: Math.max(1, Math.floor(seconds * format.frameRate)),
  };
}

/** 4:2:0 has no room for odd sides. */
function evenSide(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}
