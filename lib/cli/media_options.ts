import type { Logger } from "../log.ts";
import { CombinedMedia } from "../media/combined_media.ts";
import { MediaInputError } from "../media/media_input.ts";
import type { MediaSource } from "../media/media_source.ts";
import { openMedia } from "../media/open_media.ts";
import { PushedMedia } from "../media/pushed_media.ts";
import { isRosName } from "../sources/ros/address.ts";
import type { RosBridges } from "../sources/ros/bridges.ts";
import { openTopicMedia } from "../sources/ros/topic_media.ts";
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
      "ros:TOPIC, test, - (standard input), or none; several times as " +
      "NAME=INPUT",
  },
  "media-format": {
    type: "text",
    help: "What --media - is, as ffmpeg calls it, such as mpegts",
  },
  "video-codec": {
    type: "choice",
    choices: ["vp8", "h264"],
    default: "vp8",
    help: "What video is encoded to",
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

/** What {@linkcode openMediaOf} needs besides options. */
export interface MediaContext {
  /** Closes the media. */
  signal: AbortSignal;
  /** Is told of live media that comes and goes. */
  log: Logger;
  /** Connections to bridges, for topics. */
  bridges: RosBridges;
}

type Given = OptionValues<typeof MEDIA_OPTIONS> & {
  /** URL of the bridge that has the topics of `ros:`. */
  ros?: string;
};

/**
 * Opens the media of a command line, side by side. Each `--media` begins one,
 * which the options behind it are of, and may be `NAME=INPUT`; those before the
 * first are of all. It is closed when the signal aborts.
 *
 * @param spec of all options of the program.
 * @returns nothing where it is `none`.
 * @throws {UsageError} for a value that is none, or several without names.
 * @throws {FfmpegError} for the first that can't be streamed.
 */
export async function openMediaOf(
  args: readonly string[],
  spec: OptionSpec & typeof MEDIA_OPTIONS,
  context: MediaContext,
): Promise<MediaSource | undefined> {
  const all = argumentsOfEach(args, "--media").map((own) =>
    parseOptions([...own], spec) as Given
  );
  checkNames(all.map(({ media }) => splitName(media).name));
  const opening = all.map(async (options) => {
    const { name, value } = splitName(options.media);
    const media = await openOne({ ...options, media: value }, context);
    return media && { name, media };
  });
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((one) =>
    one.status === "fulfilled" ? one.value ?? [] : []
  );
  try {
    await Promise.all(opening);
    const [first, ...others] = opened;
    const isOne = others.length === 0 && first?.name === undefined;
    return isOne ? first?.media : new CombinedMedia(opened);
  } catch (error) {
    for (const { media } of opened) await media[Symbol.asyncDispose]();
    throw error;
  }
}

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

async function openOne(
  options: Given,
  { signal, log, bridges }: MediaContext,
): Promise<MediaSource | undefined> {
  const { media, "video-codec": videoCodec, "video-bitrate": bitrate } =
    options;
  const videoBitrates = bitrate === undefined
    ? undefined
    : readBitrates(bitrate);
  const frameRate = options["video-fps"];
  const given = {
    ...{ videoCodec, videoBitrates, signal, log, frameRate },
    ...{ format: options["media-format"], maxFrameRate: frameRate },
    size: readSize(options["video-size"]),
  };
  if (media === "none") return undefined;
  if (isRosName(media)) {
    const openMedia = () => PushedMedia.open(given);
    return await openTopicMedia(media, {
      ...{ bridges, url: options.ros, log },
      openMedia,
    });
  }
  try {
    return await openMedia(media, given);
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
