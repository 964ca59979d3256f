import type { MediaSource, MediaSourceEvents } from "../media/media_source.ts";

/** What sending needs of a media source, or of a relay of one. */
export interface SentMedia extends
  Pick<
    MediaSource,
    | "tracks"
    | "awaitsPoints"
    | "videoBitrates"
    | "setVideoBitrate"
    | "requestKeyframe"
  > {
  /** @returns what ends it, where it can go on without who started it. */
  start(events: MediaSourceEvents): Disposable | void;
}
