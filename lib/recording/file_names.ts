import { fileNameOf } from "./recorded_files.ts";

/** What a recording is called by. */
export interface RecordingName {
  /** The session's name. */
  name: string;
  /** When it begins, milliseconds since the Unix epoch. */
  start: number;
}

/** Files of one name and second that are told apart. */
const MAX_ALIKE = 1000;

/**
 * Makes the path of a new file, without its extension: NAME-START, in UTC, such
 * as `robot-7_front-20261130T010203Z`. Slashes of a name become `_`.
 *
 * @param extensions none of which may be there already.
 */
export function recordingPath(
  folder: string,
  { name, start }: RecordingName,
  extensions: readonly string[],
): string {
  const time = new Date(start).toISOString().replace(/[-:]|\.\d+/g, "");
  const path = `${folder}/${fileNameOf(name)}-${time}`;
  for (let i = 1; i < MAX_ALIKE; i++) {
    const free = i === 1 ? path : `${path}-${i}`;
    if (!extensions.some((extension) => isThere(`${free}.${extension}`))) {
      return free;
    }
  }
  return `${path}-${crypto.randomUUID()}`;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    // Where it can't be looked at, opening it tells why.
    return false;
  }
}
