/** The encoders of video that ffmpeg has, and how each is told what to do. */
import { QUIET, TO_STDOUT, type VideoCodec } from "./ffmpeg_arguments.ts";
import { pictureInput } from "./ffmpeg_input.ts";
import type { PictureFormat, Rendition } from "./rendition.ts";

/** What is used where nobody names one. */
const USUAL: Record<VideoCodec, string> = { vp8: "libvpx", h264: "libx264" };

/** The encoders of a codec, by ffmpeg's names: those that end so, too. */
const NAMES: Record<VideoCodec, RegExp> = {
  vp8: /^(libvpx|vp8_[a-z0-9]+)$/,
  h264: /^(libx264|libopenh264|h264_[a-z0-9]+)$/,
};

/** The codec of an encoder; undefined where it is of none that is sent. */
export function codecOfEncoder(name: string): VideoCodec | undefined {
  const codecs = Object.keys(NAMES) as VideoCodec[];
  return codecs.find((codec) => NAMES[codec].test(name));
}

/** How an encoder differs from others. */
interface EncoderTraits {
  /** Before the input: what opens a device. */
  device?: string[];
  /** Filters that hand it pictures. */
  filters?: string[];
  /** Its own options. */
  options: (rendition: Rendition, frameRate: number) => string[];
}

/** The same for all that are told apart only by how they are hurried. */
function hurried(...options: string[]): EncoderTraits {
  return {
    options: (rendition, frameRate) => [
      ...plain(rendition, frameRate),
      ...options,
    ],
  };
}

/** Where Linux has the first device of a graphics card. */
const RENDER_NODE = "/dev/dri/renderD128";
const VAAPI: Omit<EncoderTraits, "options"> = {
  device: ["-vaapi_device", RENDER_NODE],
  filters: ["format=nv12", "hwupload"],
};

const TRAITS = new Map<string, EncoderTraits>([
  ["libvpx", { options: libvpx }],
  ["libx264", { options: libx264 }],
  [
    "h264_nvenc",
    hurried(
      ...["-preset", "p3", "-tune", "ull", "-rc", "cbr", "-delay", "0"],
      ...["-zerolatency", "1", "-forced-idr", "1"],
    ),
  ],
  [
    "h264_qsv",
    hurried(
      ...["-pix_fmt", "nv12", "-preset", "veryfast", "-async_depth", "1"],
      ...["-forced_idr", "1"],
    ),
  ],
  ["h264_videotoolbox", hurried("-realtime", "1", "-prio_speed", "1")],
  ["h264_vaapi", { ...VAAPI, ...hurried("-async_depth", "1") }],
  ["vp8_vaapi", { ...VAAPI, ...hurried("-async_depth", "1") }],
]);

const OTHER = hurried();

/** Which encoder, and what it makes. */
export interface EncoderPlan {
  codec: VideoCodec;
  /** By ffmpeg's name. @default {libvpx, libx264} */
  encoder?: string;
}

/** Pictures that an encoder warms up with, of which nobody gets any. */
export function warmUpPictures({ codec, encoder }: EncoderPlan): number {
  // One in hardware may hold some back until it has more.
  const isUsual = encoder === undefined || encoder === USUAL[codec];
  return isUsual ? 1 : 5;
}

/**
 * The command line that encodes pictures from stdin, one after the other.
 *
 * The first pictures are encoded to warm up, and the one after them is a
 * keyframe again: with it an encoder takes over from another, and by then it is
 * up.
 */
export function encoderArguments(
  plan: EncoderPlan,
  { width, height, frameRate }: PictureFormat,
  rendition: Rendition,
): string[] {
  const input = [
    // Few frames a second would be looked at for long, to find their rate.
    ...["-fpsprobesize", "0", "-f", "rawvideo", "-pixel_format", "yuv420p"],
    ...["-video_size", `${width}x${height}`, "-framerate", `${frameRate}`],
    ...pictureInput(),
  ];
  const isScaled = rendition.width !== width || rendition.height !== height;
  const scale = isScaled
    ? [`scale=${rendition.width}:${rendition.height}:flags=bilinear`]
    : [];
  return [
    ...withEncoder(plan, { input, scale, rendition, frameRate }),
    ...["-force_key_frames", `expr:eq(n,${warmUpPictures(plan)})`],
    ...TO_STDOUT,
  ];
}

/** The command line that tries an encoder on some pictures. */
export function trialArguments(plan: EncoderPlan): string[] {
  const rendition = { ...TRIAL, keyframeInterval: 30 };
  const picture = `testsrc2=size=${TRIAL.width}x${TRIAL.height}:rate=30`;
  const input = ["-f", "lavfi", "-i", `${picture},format=yuv420p`];
  return [
    "-nostdin",
    ...withEncoder(plan, { input, scale: [], rendition, frameRate: 30 }),
    ...["-frames:v", "5", "-f", "null", "-"],
  ];
}

const TRIAL = { width: 640, height: 360, bitrate: 1_000_000 };

function withEncoder(
  { codec, encoder = USUAL[codec] }: EncoderPlan,
  { input, scale, rendition, frameRate }: {
    input: string[];
    scale: string[];
    rendition: Rendition;
    frameRate: number;
  },
): string[] {
  const { device = [], filters = [], options } = TRAITS.get(encoder) ?? OTHER;
  const chain = [...scale, ...filters];
  return [
    ...[...QUIET, ...device, ...input],
    ...chain.length > 0 ? ["-vf", chain.join()] : [],
    ...["-g", `${rendition.keyframeInterval}`, "-c:v", encoder],
    ...options(rendition, frameRate),
    ...codec === "h264" ? H264_FILTERS : [],
  ];
}

/** NUT has the parameter sets in its header, and x264 signs its work there. */
const H264_FILTERS = [
  ...["-bsf:v", "dump_extra=freq=keyframe,filter_units=remove_types=6"],
];

/** What any encoder is told: so many bits, and no picture out of order. */
function plain({ bitrate }: Rendition, frameRate: number): string[] {
  const buffer = Math.round(bitrate * H264_BUFFER_FRAMES / frameRate);
  const rate = `${bitrate}`;
  return [
    ...["-b:v", rate, "-maxrate", rate, "-bufsize", `${buffer}`, "-bf", "0"],
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

function libvpx({ bitrate }: Rendition): string[] {
  const rate = `${bitrate}`;
  return [
    // Several threads of libvpx wait for one another by spinning: measured with
    // two on two busy cores, six times the CPU and the time of one.
    ...["-deadline", "realtime", "-cpu-used", "8"],
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

function libx264({ bitrate }: Rendition, frameRate: number): string[] {
  const rate = `${bitrate}`;
  const buffer = Math.round(bitrate * H264_BUFFER_FRAMES / frameRate);
  return [
    ...["-preset", "veryfast", "-tune", "zerolatency"],
    ...["-profile:v", "baseline", "-forced-idr", "1", "-sc_threshold", "0"],
    ...["-b:v", rate, "-maxrate", rate, "-bufsize", `${buffer}`],
  ];
}
