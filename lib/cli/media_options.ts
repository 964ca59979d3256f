import { openFileMedia } from "../media/file_media.ts";
import type { MediaSource } from "../media/media_source.ts";
import { readBitrates } from "./bitrate_option.ts";
import type { OptionValues } from "./options.ts";

/** The client's options about sound and pictures. */
export const MEDIA_OPTIONS = {
  media: {
    type: "text",
    default: "tests/data/test.mp4",
    help: "Audio and video file to send, looped, or none",
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
} as const;

/**
 * Opens the media that the options name; it is closed when `signal` aborts.
 *
 * @returns nothing where they name none.
 * @throws {UsageError} for a bitrate that is none.
 * @throws {FfmpegError} for a file that can't be streamed.
 */
export async function openMediaOf(
  options: OptionValues<typeof MEDIA_OPTIONS>,
  signal: AbortSignal,
): Promise<MediaSource | undefined> {
  const { media, "video-codec": videoCodec, "video-bitrate": bitrate } =
    options;
  const videoBitrates = bitrate === undefined
    ? undefined
    : readBitrates(bitrate);
  if (media === "none") return undefined;
  return await openFileMedia(media, { videoCodec, videoBitrates, signal });
}
