import type { Logger } from "../log.ts";
import { codecOfEncoder } from "../media/encoder_arguments.ts";
import { checkEncoder } from "../media/encoder_check.ts";
import type { VideoCodec } from "../media/ffmpeg_arguments.ts";
import { CombinedMedia } from "../media/combined_media.ts";
import { MediaInputError } from "../media/media_input.ts";
import type { MediaSource } from "../media/media_source.ts";
import { openMedia, type OpenMediaOptions } from "../media/open_media.ts";
import { PushedMedia } from "../media/pushed_media.ts";
import { openBagMedia } from "../sources/bags/bag_media.ts";
import type { PlayingOptions } from "../sources/bags/playing.ts";
import { findBag } from "../sources/bags/open_bag.ts";
import { isRosName } from "../sources/ros/address.ts";
import { openTopicMedia } from "../sources/ros/topic_media.ts";
import type { SourceCamera } from "../sources/opened_source.ts";
import type { SharedInputs } from "../sources/shared_inputs.ts";
import { readBitrates } from "./bitrate_option.ts";
import {
  type OptionSpec,
  type OptionValues,
  parseOptions,
  UsageError,
} from "./options.ts";
import { argumentsOfEach, splitName } from "./repeated_option.ts";

/** The client's options about sound and pictures. */
export const MEDIA_OPTIONS = {
  media: {
    type: "text",
    default: "tests/data/test.mp4",
    help: "A file (looped), rtsp://…, another address, /dev/video0, " +
      "ros:TOPIC, a bag's topic (drive.mcap:/camera), test, - (standard " +
      "input), or none; several times as NAME=INPUT",
  },
  "media-format": {
    type: "text",
    help: "What --media - is, as ffmpeg calls it, such as mpegts",
  },
  "video-codec": {
    type: "choice",
    choices: ["auto", "copy", "vp8", "h264"],
    default: "auto",
    help: "What video is encoded to; auto is VP8, or the camera's own H.264 " +
      "or VP8 where that can be copied; copy is never encoded",
  },
  "video-encoder": {
    type: "text",
    help: "ffmpeg's encoder, such as h264_vaapi, h264_v4l2m2m or h264_nvenc " +
      "(libvpx for VP8, libx264 for H.264)",
  },
  "video-bitrate": {
    type: "text",
    help: "Bits a second of video, MIN-MAX, such as 300k-6M (150k to what " +
      "its size takes)",
  },
  "video-size": {
    type: "text",
    help: "Pixels of live video, such as 1280x720 (as it is, at most 1080p)",
  },
  "video-fps": {
    type: "integer",
    min: 1,
    max: 60,
    help: "Most frames a second of live video (60); what a camera is asked for",
  },
} as const;

/** One `--media` of a command line. */
export interface MediaOptions {
  name?: string;
  /** What is opened; `none` is nothing. */
  input: string;
  /** URL of the bridge that has the topics of `ros:`. */
  ros?: string;
  /** How a bag is played whose points aren't sent. */
  playing: PlayingOptions;
  /** How it is opened, whatever it is. */
  options: Omit<OpenMediaOptions, "signal" | "log">;
}

/** What {@linkcode openMediaOf} needs besides options. */
export interface MediaContext extends SharedInputs {
  /** Closes the media. */
  signal: AbortSignal;
  /** Is told of live media that comes and goes. */
  log: Logger;
}

/** Options of media, and those of sources that hold for it too. */
type Given =
  & OptionValues<typeof MEDIA_OPTIONS>
  & Pick<PlayingOptions, "speed" | "start" | "loop">
  & { ros?: string };

/**
 * Reads the media of a command line. Each `--media` begins one, which the
 * options behind it are of, and may be `NAME=INPUT`; those before the first are
 * of all.
 *
 * @param spec of all options of the program.
 * @throws {UsageError} for a value that is none, or several without names.
 */
export function readMedia(
  args: readonly string[],
  spec: OptionSpec & typeof MEDIA_OPTIONS,
): MediaOptions[] {
  const all = argumentsOfEach(args, MEDIA).map((own) =>
    readOne(parseOptions([...own], spec) as Given)
  );
  checkNames(all.map(({ name }) => name));
  return all;
}

/** Tells whether a command line says anything of media. */
export function isMediaGiven(args: readonly string[]): boolean {
  return args.some((arg) => arg === MEDIA || arg.startsWith(`${MEDIA}=`));
}

/** Makes media of what sources have, as the options of all of it say. */
export function mediaOfCameras(
  cameras: readonly SourceCamera[],
  like: MediaOptions,
): MediaOptions[] {
  return cameras.map((camera) => ({ ...like, ...camera }));
}

/**
 * Opens media, side by side; it is closed when the signal aborts.
 *
 * @returns nothing where it is `none`.
 * @throws {UsageError} for an input that is none.
 * @throws {FfmpegError} for the first that can't be streamed.
 */
export async function openMediaOf(
  all: readonly MediaOptions[],
  context: MediaContext,
): Promise<MediaSource | undefined> {
  const opening = all.map(async (one) => {
    const media = await openOne(one, context);
    return media && { name: one.name, media };
  });
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((one) =>
    one.status === "fulfilled" ? one.value ?? [] : []
  );
  try {
    await Promise.all(opening);
    return combined(opened);
  } catch (error) {
    for (const { media } of opened) await media[Symbol.asyncDispose]();
    throw error;
  }
}

/** Makes one of several; none of none. */
function combined(
  all: readonly { name?: string; media: MediaSource }[],
): MediaSource | undefined {
  const [first, ...others] = all;
  const isOne = others.length === 0 && first?.name === undefined;
  return isOne ? first?.media : new CombinedMedia([...all]);
}

const MEDIA = "--media";

/** @throws {UsageError} for several of which one has no name of its own. */
function checkNames(names: readonly (string | undefined)[]): void {
  if (names.length === 1) return;
  if (names.includes(undefined)) {
    throw new UsageError(
      "Each of several --media needs a name, such as --media front=/dev/video0",
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new UsageError(`Two --media are called ${twice}; a name is of one`);
}

function readOne(given: Given): MediaOptions {
  const { name, value: input } = splitName(given.media);
  const { ros, speed, start, loop, "video-bitrate": bitrate } = given;
  const frameRate = given["video-fps"];
  const videoBitrates = bitrate === undefined
    ? undefined
    : readBitrates(bitrate);
  return {
    ...{ name, input, ros, playing: { speed, start, loop } },
    options: {
      ...readCodec(given),
      ...{ videoBitrates, frameRate, maxFrameRate: frameRate },
      format: given["media-format"],
      size: readSize(given["video-size"]),
    },
  };
}

/** Options that say how video is to be made, which what is copied isn't. */
const MAKING = [
  ...["video-encoder", "video-size", "video-fps", "video-bitrate"] as const,
];

/** @throws {UsageError} where copied video is to be made in some way. */
function readCodec(
  given: Given,
): Pick<OpenMediaOptions, "videoCodec" | "videoEncoder" | "copying"> {
  const codec = given["video-codec"];
  const videoEncoder = given["video-encoder"];
  const asked = MAKING.find((name) => given[name] !== undefined);
  switch (codec) {
    case "copy":
      if (asked === undefined) return { copying: "all" };
      throw new UsageError(
        `--video-codec copy leaves video as it comes, and --${asked} would ` +
          "change it: leave one of them out",
      );
    case "auto":
      if (asked === undefined) return { copying: "fitting" };
      return { videoEncoder, videoCodec: codecOf(videoEncoder) };
    default:
      if (codecOf(videoEncoder) === (videoEncoder && codec)) {
        return { videoEncoder, videoCodec: codec };
      }
      throw new UsageError(
        `--video-encoder ${videoEncoder} is none of --video-codec ${codec}`,
      );
  }
}

function codecOf(encoder: string | undefined): VideoCodec | undefined {
  if (encoder === undefined) return undefined;
  const codec = codecOfEncoder(encoder);
  if (codec !== undefined) return codec;
  throw new UsageError(
    `--video-encoder is one of ffmpeg's for H.264 or VP8, such as h264_vaapi, ` +
      `h264_v4l2m2m, h264_nvenc, libx264 or libvpx, not "${encoder}"`,
  );
}

/** @throws {UsageError} where what is pushed is to be copied. */
function refuseCopy(
  input: string,
  { copying }: Pick<OpenMediaOptions, "copying">,
): void {
  if (copying !== "all") return;
  throw new UsageError(
    `The pictures of ${input} can't be copied: they are encoded; leave ` +
      "--video-codec copy out",
  );
}

async function openOne(
  { input, ros: url, playing, options }: MediaOptions,
  { signal, log, bridges, bags }: MediaContext,
): Promise<MediaSource | undefined> {
  const all = { ...options, signal, log };
  if (input === "none") return undefined;
  const { videoCodec: codec = "vp8", videoEncoder: encoder } = options;
  if (encoder !== undefined) await checkEncoder({ codec, encoder }, { signal });
  if (isRosName(input)) {
    refuseCopy(input, options);
    return await openTopicMedia(input, {
      ...{ bridges, url, log },
      openMedia: () => PushedMedia.open(all),
    });
  }
  const bag = await findBag(input);
  if (bag !== undefined) {
    return await openBagMedia(bag, {
      ...{ ...playing, bags, log },
      copies: options.copying === "all",
      openMedia: (copied) => PushedMedia.open({ ...all, copied }),
    });
  }
  try {
    return await openMedia(input, all);
  } catch (error) {
    if (!(error instanceof MediaInputError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** Longest side of a picture, pixels. */
const MAX_SIDE = 7680;

function readSize(text: string | undefined) {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text)?.map(Number) ?? [];
  const isSide = (n: number) => n >= 2 && n <= MAX_SIDE && n % 2 === 0;
  if (isSide(width) && isSide(height)) return { width, height };
  throw new UsageError(
    `--video-size is WIDTHxHEIGHT in even pixels, such as 1280x720, ` +
      `not "${text}"`,
  );
}
