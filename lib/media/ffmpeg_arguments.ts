import type { MediaInfo } from "./ffmpeg.ts";
import { fileInput, pictureInput } from "./ffmpeg_input.ts";
import {
  type BitrateRange,
  type PictureFormat,
  type Rendition,
  scaleAt,
} from "./rendition.ts";

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

/** Sound as Opus, in packets of 20 ms, from the first stream that has any. */
export const AUDIO_ARGUMENTS = [
  ...["-map", "0:a:0", "-c:a", "libopus", "-b:a", "64k"],
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
    ...audio ? AUDIO_ARGUMENTS : [],
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

/**
 * The command line that encodes pictures from stdin, one after the other.
 *
 * The first picture is encoded to warm up, and the second is a keyframe again:
 * with it an encoder takes over from another, and by then it is up.
 */
export function encoderArguments(
  codec: VideoCodec,
  { width, height, frameRate }: PictureFormat,
  rendition: Rendition,
): string[] {
  const isScaled = rendition.width !== width || rendition.height !== height;
  return [
    // Few frames a second would be looked at for long, to find their rate.
    ...[...QUIET, "-fpsprobesize", "0", "-f", "rawvideo"],
    ...["-pixel_format", "yuv420p"],
    ...["-video_size", `${width}x${height}`, "-framerate", `${frameRate}`],
    ...pictureInput(),
    ...isScaled
      ? ["-vf", `scale=${rendition.width}:${rendition.height}:flags=bilinear`]
      : [],
    ...["-g", `${rendition.keyframeInterval}`],
    ...["-force_key_frames", "expr:eq(n,1)"],
    ...codec === "vp8"
      ? vp8Arguments(rendition)
      : h264Arguments(rendition, frameRate),
    ...TO_STDOUT,
  ];
}

/** Milliseconds of the stream that may be sent ahead, as libwebrtc has it. */
const VP8_BUFFER_MS = 1000;
/** A keyframe in hundredths of a frame's share. */
const MAX_VP8_KEYFRAME = 600;

/**
 * Share of the bits that the lower of two temporal layers takes. Measured at
 * 720p, 2.5 Mbit/s: with 0.55 both layers are as good, 35.1 dB; with less, the
 * lower one loses 0.4 dB, and is left room on a path that takes it alone.
 */
const BASE_LAYER_SHARE = 0.5;

/**
 * Two temporal layers: no frame needs one of the upper layer, which is every
 * second one, so that it can be left out for who has less room.
 */
function temporalLayers(bitrate: number): string {
  const kilobits = [BASE_LAYER_SHARE * bitrate, bitrate]
    .map((bits) => Math.round(bits / 1000));
  return [
    "ts_number_layers=2",
    `ts_target_bitrate=${kilobits.join(",")}`,
    "ts_rate_decimator=2,1",
    "ts_periodicity=2",
    "ts_layer_id=0,1",
    "ts_layering_mode=2",
  ].join(":");
}

function vp8Arguments({ bitrate }: Rendition): string[] {
  const rate = `${bitrate}`;
  return [
    // Several threads of libvpx wait for one another by spinning: measured with
    // two on two busy cores, six times the CPU and the time of one.
    ...["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
    ...["-threads", "1"],
    ...["-lag-in-frames", "0", "-auto-alt-ref", "0", "-error-resilient", "1"],
    ...["-b:v", rate, "-minrate", rate, "-maxrate", rate],
    ...["-bufsize", `${Math.round(bitrate * VP8_BUFFER_MS / 1000)}`],
    ...["-undershoot-pct", "100", "-overshoot-pct", "15"],
    ...["-max-intra-rate", `${MAX_VP8_KEYFRAME}`],
    ...["-ts-parameters", temporalLayers(bitrate)],
  ];
}

/** Frames' shares that a keyframe of H.264 may take. */
const H264_BUFFER_FRAMES = 6;

function h264Arguments({ bitrate }: Rendition, frameRate: number): string[] {
  const rate = `${bitrate}`;
  const buffer = Math.round(bitrate * H264_BUFFER_FRAMES / frameRate);
  return [
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
    ...["-profile:v", "baseline", "-forced-idr", "1", "-sc_threshold", "0"],
    ...["-b:v", rate, "-maxrate", rate, "-bufsize", `${buffer}`],
    // NUT has the parameter sets in its header, and x264 signs its work there.
    ...["-bsf:v", "dump_extra=freq=keyframe,filter_units=remove_types=6"],
  ];
}
