/** What went wrong with ffmpeg or with the file it was given. */
export type FfmpegErrorReason =
  | "not-found"
  | "refused"
  | "unreadable"
  | "no-streams"
  | "timeout"
  | "failed";

/** Says in one plain sentence what was wrong with ffmpeg or a media file. */
export class FfmpegError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "FfmpegError";
  /** Makes an error; `message` is a sentence. */
  constructor(
    readonly reason: FfmpegErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
