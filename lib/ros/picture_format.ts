import { PointsError } from "../points/errors.ts";

/** How a picture, or a part of a video, is encoded. */
export const PICTURE_FORMATS = [
  ...["jpeg", "png", "webp"] as const,
  ...["h264", "h265", "vp8", "vp9", "av1"] as const,
] as const;
/** How a picture, or a part of a video, is encoded. */
export type PictureFormat = typeof PICTURE_FORMATS[number];

const SPELLINGS: Readonly<Record<string, PictureFormat>> = {
  jpg: "jpeg",
  hevc: "h265",
  avc: "h264",
};

/**
 * Reads the format of a message: `jpeg`, `image/png`, or as image_transport
 * writes it, `rgb8; jpeg compressed bgr8`.
 *
 * @throws {PointsError} `unsupported` for another, such as a depth image's.
 */
export function readPictureFormat(text: string): PictureFormat {
  const words: string[] = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  // A depth image's PNG has a header before it.
  if (!words.includes("compresseddepth")) {
    for (const word of words) {
      const format = Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : word;
      const known = PICTURE_FORMATS.find((one) => one === format);
      if (known !== undefined) return known;
    }
  }
  throw new PointsError(
    "unsupported",
    `A picture of format "${text.slice(0, 64)}", expected one of ` +
      PICTURE_FORMATS.join(" "),
  );
}
