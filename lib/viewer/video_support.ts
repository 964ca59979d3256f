/** Whether a browser can decode a session's video, and what is said of it. */
import type { VideoSnapshot } from "../session/snapshot.ts";

/** What has come of a video so far, by the browser's own count. */
export interface VideoCounts {
  /** Whole frames that came. */
  received: number;
  /** Those that were decoded. */
  decoded: number;
  /** Why the server doesn't send it, a clause; none where it does. */
  untaken?: string;
  /** Why the browser doesn't decode what comes by HTTP, a clause. */
  failure?: string;
}

/** Names of codecs, for people. */
const NAMES = new Map([["H264", "H.264"], ["H265", "H.265"]]);

/**
 * Frames that come while a decoder waits for the first keyframe: 3 s of them.
 */
const MOST_UNDECODED = 90;

/**
 * Says why there is no picture, in a sentence; nothing where it may come.
 *
 * @param video the session's, as the server has it.
 * @param counts of what came here.
 * @param codecs that the browser decodes, as `video/VP8`.
 */
export function whyNoPicture(
  video: Pick<VideoSnapshot, "codec" | "frames"> | undefined,
  counts: VideoCounts | undefined,
  codecs: readonly string[],
): string | undefined {
  const { codec = null, frames = 0 } = video ?? {};
  if (codec === null || frames === 0) return undefined;
  const name = NAMES.get(codec) ?? codec;
  const { received = 0, decoded = 0, untaken, failure } = counts ?? {};
  if (failure !== undefined) {
    return `The session’s video (${name}) can’t be shown by HTTP: ${failure}.`;
  }
  const type = `video/${codec}`.toLowerCase();
  if (!codecs.some((each) => each.toLowerCase() === type)) {
    return `The session’s video is ${name}, which this browser can’t decode. ` +
      "Another browser may.";
  }
  if (untaken !== undefined) {
    return `The session’s video isn’t sent to this browser: ${untaken}.`;
  }
  if (decoded > 0 || received < MOST_UNDECODED) return undefined;
  return `The session’s video (${name}) comes, but this browser decodes ` +
    "none of it.";
}
