import type { BandwidthEstimate } from "../transport/rtp/bandwidth.ts";
import type { SentMedia } from "./sent_media.ts";

/** What a path takes: of a whole connection's estimate, what is needed here. */
export type PathLimit = Pick<BandwidthEstimate, "capacity">;

/** What is left free, so that the queue stays short. */
const USED_SHARE = 0.95;
/** Bits a millisecond that sound takes with all headers: it goes first. */
const AUDIO_BITS_PER_MS = 96;
/** Share of the rest that video may take where points are sent beside it. */
const VIDEO_SHARE = 0.65;
const BITS = 8;
/** What a packet's headers take of what an encoder doesn't count. */
const PAYLOAD_SHARE = 0.94;

/**
 * How many bits a second video may take of a path: sound goes first, then
 * video, and points take what is left, which is never nothing.
 */
export function videoBitrate(
  { capacity }: PathLimit,
  { least, most }: NonNullable<SentMedia["videoBitrates"]>,
  hasPoints: boolean,
): number {
  if (capacity === undefined) return most;
  const free = USED_SHARE * BITS * capacity - AUDIO_BITS_PER_MS;
  const share = hasPoints ? VIDEO_SHARE : 1;
  const bitsPerSecond = 1000 * PAYLOAD_SHARE * share * free;
  return Math.round(Math.min(Math.max(bitsPerSecond, least), most));
}

/**
 * What points may take beside video, bytes a millisecond.
 *
 * @param video what that takes by itself, with sound.
 * @param share the most of the path that it may take.
 */
export function besideVideo(
  capacity: number,
  video: number,
  share = VIDEO_SHARE,
): number {
  return capacity - Math.min(video, share * capacity);
}

/** What media takes at the most with all headers, bytes a millisecond. */
export function mostOf(
  { tracks, videoBitrates }: Pick<SentMedia, "tracks" | "videoBitrates">,
): number {
  let bits = 0;
  for (const { kind } of tracks) {
    bits += kind === "audio"
      ? AUDIO_BITS_PER_MS
      : (videoBitrates?.most ?? Infinity) / 1000 / PAYLOAD_SHARE;
  }
  return bits / BITS;
}

/** Time between two looks at the path, milliseconds. */
const INTERVAL_MS = 100;

/** Keeps a source's video within what a path takes, until it is disposed of. */
export function followPath(
  media: SentMedia,
  path: PathLimit,
  hasPoints: () => boolean,
): Disposable {
  const timer = setInterval(() => {
    // Those of video that is copied change.
    const { videoBitrates } = media;
    if (videoBitrates === undefined) return;
    media.setVideoBitrate?.(videoBitrate(path, videoBitrates, hasPoints()));
  }, INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
