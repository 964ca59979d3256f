/** Length of one tick of a file's timestamps, seconds, as a fraction. */
export interface Timebase {
  numerator: number;
  denominator: number;
}

/** The clock of video in RTP. */
export const RTP_VIDEO_TIMEBASE: Timebase = {
  numerator: 1,
  denominator: 90_000,
};

const FOURCC = {
  VP8: "VP80",
  VP9: "VP90",
  H264: "H264",
  AV1: "AV01",
} as const;

/** What an IVF file says of itself at its start. */
export interface IvfHeader {
  codec: keyof typeof FOURCC;
  /** Pixels, up to 65,535. */
  width: number;
  /** Pixels, up to 65,535. */
  height: number;
  /** @default {RTP_VIDEO_TIMEBASE} */
  timebase?: Timebase;
  /** Number of frames that follow. @default {0} not known yet */
  frames?: number;
}

/**
 * Makes the 32 bytes that begin an IVF file, little-endian.
 *
 * @example
 * ```ts
 * import { ivfFrameHeader, ivfHeader } from "./ivf.ts";
 *
 * const frame = new Uint8Array(100);
 * const file = new Blob([
 *   ivfHeader({ codec: "VP8", width: 640, height: 480, frames: 1 }),
 *   ivfFrameHeader(frame.length, 0),
 *   frame,
 * ]);
 * console.assert(file.size === 144);
 * ```
 */
export function ivfHeader(
  { codec, width, height, timebase = RTP_VIDEO_TIMEBASE, frames = 0 }:
    IvfHeader,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("DKIF"), 0);
  view.setUint16(4, 0, true); // version
  view.setUint16(6, bytes.length, true);
  bytes.set(new TextEncoder().encode(FOURCC[codec]), 8);
  view.setUint16(12, width, true);
  view.setUint16(14, height, true);
  view.setUint32(16, timebase.denominator, true);
  view.setUint32(20, timebase.numerator, true);
  view.setUint32(24, frames, true);
  return bytes;
}

/**
 * Makes the 12 bytes that go before each frame in an IVF file, little-endian.
 *
 * @param size bytes of the frame.
 * @param timestamp ticks of the file's timebase, a whole number of at least 0.
 */
export function ivfFrameHeader(
  size: number,
  timestamp: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size, true);
  view.setBigUint64(4, BigInt(timestamp), true);
  return bytes;
}
