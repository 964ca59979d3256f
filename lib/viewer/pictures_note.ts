/** Which sessions have pictures that can't be shown. */
import type { LiveSession } from "./live_sessions.ts";
import type { SessionPlayer } from "./session_player.ts";
import type { VideoPanel } from "./video_panel.ts";
import { whyNoPicture } from "./video_support.ts";

export interface PicturesNoteOptions {
  /** Where pictures are shown. */
  video: VideoPanel;
  /** Codecs that the browser decodes; nothing where it doesn't tell. */
  decodable: Parameters<typeof whyNoPicture>[2];
  /** The session that a player plays, as the server last told of it. */
  sessionOf(player: SessionPlayer): LiveSession | undefined;
}

/** Says which live sessions have pictures that can't be shown, and why. */
export function whyNoPictures(
  live: readonly SessionPlayer[],
  { video, decodable, sessionOf }: PicturesNoteOptions,
): string | undefined {
  const notes = live.flatMap((player) => {
    if (video.hasPicture(player.key)) return [];
    const { videoCounts, title } = player;
    const why = whyNoPicture(sessionOf(player)?.video, videoCounts, decodable);
    return why === undefined ? [] : [title === "" ? why : `${title}: ${why}`];
  });
  return notes.length === 0 ? undefined : notes.join(" ");
}
