import type { MediaInfo } from "./ffmpeg.ts";
import { fileInput } from "./ffmpeg_input.ts";
import { type BitrateRange, type PictureFormat, scaleAt } from "./rendition.ts";

/** How video is encoded. */
export type VideoCodec = "vp8" | "h264";

/** Says what went wrong, and nothing else. */
export const QUIET = ["-hide_banner", "-nostats", "-loglevel", "error"];

/**
 * NUT to stdout. What it holds is handed on at once: a reader that is behind
 * holds ffmpeg up, and nothing is lost.
 */
export const TO_STDOUT = ["-flush_packets", "1", "-f", "nut", "pipe:1"];

/** How long a packet of sound is. */
export const AUDIO_PACKET_S = 0.02;

/** Sound as Opus, in packets of 20 ms. */
export const AUDIO_ENCODING = [
  ...["-c:a", "libopus", "-b:a", "64k"],
  ...[
    "-ar",
    "48000",
    "-ac",
    "2",
    "-frame_duration",
    `${1000 * AUDIO_PACKET_S}`,
  ],
];

/**
 * Whether a file is decoded once by each ffmpeg. Where MPEG-TS starts again
 * inside of one, a decoder that reorders gives no picture any more.
 */
export function isDecodedOnce({ format }: MediaInfo): boolean {
  return format === "mpegts";
}

/**
 * The command line that decodes a file in real time, over and over or once:
 * pictures as they are, sound as Opus, on one clock.
 */
export function decoderArguments(
  path: string,
  info: MediaInfo,
  bitrates: BitrateRange | undefined,
): string[] {
  const { video, audio } = info;
  // A picture is read but once.
  const isOnce = isDecodedOnce(info) || video?.isStill;
  return [
    ...[...QUIET, "-nostdin"],
    // Frames decoded side by side would be held back, one for each core.
    ...video ? ["-thread_type:v", "slice"] : [],
    // What is started at the end of another is behind: it is read as fast as
    // it is taken.
    ...isOnce ? [] : ["-re", "-stream_loop", "-1"],
    ...fileInput(path),
    ...video && bitrates ? pictureArguments(video, bitrates) : [],
    ...audio ? ["-map", "0:a:0", ...AUDIO_ENCODING] : [],
    // NUT of several time bases has no room for times below zero, which sound
    // begins with, by its encoder's delay.
    ...["-output_ts_offset", "1"],
    // Where sound ends before the picture does, pictures don't wait for it.
    ...["-max_interleave_delta", "1"],
    ...TO_STDOUT,
  ];
}

const MIN_FRAME_RATE = 1;
const MAX_FRAME_RATE = 60;

/** How a file's pictures come out of the decoder, about. */
export function pictureFormat(
  { width, height, frameRate }: NonNullable<MediaInfo["video"]>,
): PictureFormat {
  const rate = Math.min(Math.max(frameRate, MIN_FRAME_RATE), MAX_FRAME_RATE);
  return { width, height, frameRate: rate };
}

function pictureArguments(
  video: NonNullable<MediaInfo["video"]>,
  { most }: BitrateRange,
): string[] {
  const format = pictureFormat(video);
  return [
    // Pictures larger than any that is sent would take time for nothing.
    ...["-map", "0:V:0", "-vf"],
    `${video.isStill ? standing(format) : `fps=${format.frameRate}`},` +
    sizeFilter(scaleAt(most, format)),
    ...["-pix_fmt", "yuv420p", "-c:v", "rawvideo"],
  ];
}

/** One picture, over and over. */
function standing({ frameRate }: PictureFormat): string {
  return `loop=loop=-1:size=1,setpts=N/(${frameRate}*TB),realtime`;
}

/** Square pixels, and even sizes as 4:2:0 wants them. */
function sizeFilter(scale: number): string {
  return `scale=max(2\\,trunc(iw*sar*${scale}/2)*2)` +
    `:max(2\\,trunc(ih*${scale}/2)*2),setsar=1`;
}
