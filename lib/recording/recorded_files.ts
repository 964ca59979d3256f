/** The files of a folder of recordings, by what they are called. */

/** What a file holds, as HTTP names it; the others are bytes. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["mcap", "application/octet-stream"],
  ["webm", "video/webm"],
  ["mp4", "video/mp4"],
  ["mkv", "video/matroska"],
  ["ogg", "audio/ogg"],
  ["ivf", "application/octet-stream"],
  ["h264", "video/h264"],
  ["h265", "video/h265"],
]);

/** Of a session, from when, and which of those alike. */
const RECORDED = /^(.+)-(\d{8}T\d{6}Z)(-\d+|-[0-9a-f-]{36})?\.(\w+)$/;

/** Of a track: the session's id, and the track's number. */
const RAW = /^(.+)-\d+\.(ivf|h264|h265|ogg)$/;

/** A file that a recorder may have written. */
export interface RecordedFile {
  /** Without its folder. */
  name: string;
  /** The media type (RFC 9110 section 8.3). */
  type: string;
  isMcap: boolean;
  /**
   * The session's name with `_` for its slashes, or its id where the file is
   * of one track; nothing where the file is called otherwise.
   */
  of: string | undefined;
  /** When it begins, UTC, `20261130T010203Z`; nothing where it isn't said. */
  start: string | undefined;
}

/** Reads a file's name; nothing where no recorder calls its files so. */
export function recordedFile(name: string): RecordedFile | undefined {
  // No path, nothing hidden, nothing that a terminal takes for an order.
  if (/[/\\\p{Cc}]/u.test(name) || name.startsWith(".")) return undefined;
  const extension = name.split(".").at(-1) ?? "";
  const type = TYPES.get(extension);
  if (type === undefined || extension.length + 1 >= name.length) {
    return undefined;
  }
  const [, of, start] = RECORDED.exec(name) ?? [];
  const [, id] = RAW.exec(name) ?? [];
  const isMcap = extension === "mcap";
  return { name, type, isMcap, of: of ?? id, start };
}

/** Reads a start of a file's name, milliseconds since the Unix epoch. */
export function startTime(start: string): number {
  const iso = start.replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  return Date.parse(iso);
}

/** What files of a session are called by: slashes are in no file's name. */
export function fileNameOf(session: string): string {
  return session.replaceAll("/", "_");
}
