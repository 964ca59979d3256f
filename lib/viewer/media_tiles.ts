/** Which of a connection's tracks are shown, and heard, together. */

/** A track that comes, as far as it matters here. */
export interface RemoteTrack<Track extends { kind: string }> {
  track: Track;
  /** The stream that it is of: its publisher's name of it, or the server's. */
  stream: string;
  /** The section that it comes in. */
  mid: string;
}

/** A picture with its sound, or sound alone. */
export interface MediaTile<Track> {
  /** Tells it from the other tiles of a connection; the same over the next. */
  id: string;
  /** What its publisher calls it; nothing where it doesn't. */
  name: string | undefined;
  /** The section of its picture, or else of its sound. */
  mid: string;
  tracks: Track[];
}

/** What sections of an offer are asked for. */
export interface MediaSections {
  video: number;
  audio: number;
}

/** The stream of tracks that have no name. */
export const UNNAMED = "pointwire";

/** Sections of one kind that are offered at the most. */
const MOST_SECTIONS = 16;

/**
 * Counts the sections that an offer has for a session's tracks: one of each
 * kind at least, as an older server may not list them.
 */
export function sectionsFor(
  tracks: readonly { kind: string }[] = [],
): MediaSections {
  const count = (wanted: string) => {
    const { length } = tracks.filter(({ kind }) => kind === wanted);
    return Math.min(MOST_SECTIONS, Math.max(1, length));
  };
  return { video: count("video"), audio: count("audio") };
}

/**
 * Makes a tile of each picture. Sound goes with the first picture of its
 * stream; where there is none it is a tile without a picture.
 */
export function tilesOf<Track extends { kind: string }>(
  remote: readonly RemoteTrack<Track>[],
): MediaTile<Track>[] {
  const tiles: (MediaTile<Track> & { stream: string })[] = [];
  const add = ({ track, stream, mid }: RemoteTrack<Track>) => {
    const count = tiles.filter((tile) => tile.stream === stream).length;
    const name = stream === UNNAMED ? undefined : stream;
    tiles.push({
      id: `${stream} ${count}`,
      name,
      mid,
      tracks: [track],
      stream,
    });
  };
  for (const one of remote) {
    if (one.track.kind === "video") add(one);
  }
  for (const one of remote) {
    if (one.track.kind !== "audio") continue;
    const tile = tiles.find(({ stream }) => stream === one.stream);
    if (tile === undefined) add(one);
    else tile.tracks.push(one.track);
  }
  return tiles.map(({ stream: _, ...tile }) => tile);
}
