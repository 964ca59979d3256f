import { inputUrl, type MediaInfo } from "./ffmpeg.ts";
import type { MediaTrack } from "./media_track.ts";
import type { RtpInput } from "./rtp_input.ts";

/** What is encoded, and to what. */
export interface EncodingPlan {
  /** The media file. */
  path: string;
  info: MediaInfo;
  videoCodec: "vp8" | "h264";
}

/** The command line of the one ffmpeg that feeds all `inputs`. */
export function ffmpegArguments(
  plan: EncodingPlan,
  inputs: [MediaTrack, RtpInput][],
): string[] {
  // With one start time all outputs' sender reports agree, whenever each opens.
  const startUs = Date.now() * 1000;
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"],
    // Frames decoded side by side would be held back, one for each core.
    ...plan.info.video ? ["-thread_type:v", "slice"] : [],
    ...["-re", "-stream_loop", "-1", "-i", inputUrl(plan.path)],
    ...inputs.flatMap(([{ kind }, input]) => [
      ...kind === "video" ? videoArguments(plan) : AUDIO_ARGUMENTS,
      ...["-start_time_realtime", `${startUs}`],
      // A shift to zero would part video from audio, which begins with the
      // encoder's delay.
      ...["-avoid_negative_ts", "disabled"],
      ...["-f", "rtp", rtpUrl(input)],
    ]),
  ];
}

const AUDIO_ARGUMENTS = [
  ...["-map", "0:a:0", "-c:a", "libopus", "-b:a", "64k"],
  ...["-ar", "48000", "-ac", "2", "-frame_duration", "20"],
];

const VP8_ARGUMENTS = [
  // Its threads wait for each other by spinning: where others need the cores, a
  // second one costs five times what it gives.
  ...["-c:v", "libvpx", "-threads", "1"],
  ...["-deadline", "realtime", "-cpu-used", "8"],
  ...["-lag-in-frames", "0", "-auto-alt-ref", "0", "-error-resilient", "1"],
];

const H264_ARGUMENTS = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
  ...["-profile:v", "baseline", "-forced-idr", "1"],
];

/** Largest RTP packet. */
const MAX_PACKET_BYTES = 1200;
const MIN_FRAME_RATE = 1;
const MAX_FRAME_RATE = 60;

function videoArguments({ info, videoCodec }: EncodingPlan): string[] {
  const { width, height, frameRate } = info.video!;
  const rate = Math.min(Math.max(frameRate, MIN_FRAME_RATE), MAX_FRAME_RATE);
  const bitrate = `${videoBitrate(width, height, rate)}`;
  return [
    ...["-map", "0:V:0", "-vf", `fps=${rate},${EVEN_SIZE_FILTER}`],
    ...["-pix_fmt", "yuv420p"],
    ...videoCodec === "vp8" ? VP8_ARGUMENTS : H264_ARGUMENTS,
    ...["-b:v", bitrate, "-maxrate", bitrate, "-bufsize", bitrate],
    // With frames at a constant rate this is a keyframe at least every second.
    ...["-g", `${Math.floor(rate)}`],
  ];
}

/** Square pixels, and even sizes as 4:2:0 wants them. */
const EVEN_SIZE_FILTER =
  "scale=max(2\\,trunc(iw*sar/2)*2):max(2\\,trunc(ih/2)*2),setsar=1";

/**
 * Bits a second of any video: small pictures have more detail in each pixel.
 */
const LEAST_BITRATE = 300_000;
const BITS_PER_PIXEL = 0.08;
const MAX_BITRATE = 6_000_000;

/** Chooses the bits a second. */
function videoBitrate(width: number, height: number, rate: number): number {
  const bitrate = LEAST_BITRATE + BITS_PER_PIXEL * width * height * rate;
  return Math.round(Math.min(bitrate, MAX_BITRATE));
}

function rtpUrl({ rtpPort, rtcpPort }: RtpInput): string {
  // A connected socket learns that its port is closed: that ends ffmpeg where
  // this process dies without a chance to end it.
  return `rtp://127.0.0.1:${rtpPort}?rtcpport=${rtcpPort}` +
    `&pkt_size=${MAX_PACKET_BYTES}&connect=1`;
}
