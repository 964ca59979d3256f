import { openFileMedia } from "../media/file_media.ts";
import type { MediaSource } from "../media/media_source.ts";
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
} as const;

/**
 * Opens the media that the options name; it is closed when `signal` aborts.
 *
 * @returns nothing where they name none.
 * @throws {FfmpegError} for a file that can't be streamed.
 */
export async function openMediaOf(
  options: OptionValues<typeof MEDIA_OPTIONS>,
  signal: AbortSignal,
): Promise<MediaSource | undefined> {
  if (options.media === "none") return undefined;
  const videoCodec = options["video-codec"];
  return await openFileMedia(options.media, { videoCodec, signal });
}
