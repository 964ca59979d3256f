import type { MediaCodec } from "../../media/frame.ts";

/**
 * What Foxglove calls the codecs that its messages may have
 * (https://docs.foxglove.dev/docs/sdk/schemas/compressed-video and
 * compressed-audio): VP8 is none of them.
 */
const FORMATS: ReadonlyMap<MediaCodec, string> = new Map([
  ["H264", "h264"],
  ["H265", "h265"],
  ["VP9", "vp9"],
  ["AV1", "av1"],
  ["opus", "opus"],
]);

/** Names a codec as messages do; nothing where they can't have it. */
export function mediaFormatOf(codec: MediaCodec): string | undefined {
  return FORMATS.get(codec);
}
