import { openFileMedia } from "./file_media.ts";
import { type LiveMediaOptions, openLiveMedia } from "./live_media.ts";
import {
  MediaInputError,
  type MediaInputOptions,
  readMediaInput,
} from "./media_input.ts";
import type { WorkerMedia } from "./worker_media.ts";

/** Options of {@linkcode openMedia}. */
export interface OpenMediaOptions
  extends LiveMediaOptions, Omit<MediaInputOptions, "size"> {}

/**
 * Opens sound and pictures of any kind: a file, which is played over and over,
 * or something live, by how it is written.
 *
 * @throws {MediaInputError} for what is no input.
 * @throws {FfmpegError} for what can't be opened.
 * @throws the signal's reason when it is aborted.
 */
export async function openMedia(
  text: string,
  options: OpenMediaOptions,
): Promise<WorkerMedia> {
  const input = readMediaInput(text, options);
  if (input.kind === "file" && options.copying === "all") {
    throw new MediaInputError(
      `The video of ${input.path} can't be copied: a file's is encoded, so ` +
        "that it follows the network; leave --video-codec copy out",
    );
  }
  return input.kind === "file"
    ? await openFileMedia(input.path, options)
    : await openLiveMedia(input.input, options);
}
