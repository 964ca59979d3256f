import type { PushedPicture } from "../media/pushed_media.ts";
import { PointsError } from "../points/errors.ts";
import type { PictureMessage } from "../ros/message.ts";

/**
 * Makes a picture that can be pushed of a message, whose bytes stay its own.
 *
 * @param captureTime milliseconds since the Unix epoch.
 * @throws {PointsError} `unsupported` for WebP.
 */
export function pictureOf(
  { format, bytes }: PictureMessage,
  captureTime: number,
): PushedPicture {
  if (format === "webp") {
    throw new PointsError(
      "unsupported",
      "WebP pictures are not taken: JPEG and PNG are",
    );
  }
  return { format, bytes: bytes.slice(), captureTime };
}
