import type { MediaSource } from "../media/media_source.ts";

/** What sending needs of a media source, or of a relay of one. */
export type SentMedia = Pick<
  MediaSource,
  | "tracks"
  | "start"
  | "awaitsPoints"
  | "videoBitrates"
  | "setVideoBitrate"
  | "requestKeyframe"
>;
