/** Recordings that can be listed and read: of a folder, or of several. */
import type { ServedRecording } from "./listed_recording.ts";

/** Where a recording stands in a list, the newest first. */
export interface RecordingPlace {
  /** The name of its file. */
  name: string;
  /** Since when it is, milliseconds since the Unix epoch. */
  at?: number;
}

/** Which recordings are wanted: plain data. */
export interface ListQuery {
  /** Of this session alone. @default {of all} */
  session?: string;
  /** One after which, older ones, the list goes on. */
  before?: RecordingPlace;
  /** Most that are listed. */
  limit: number;
  /**
   * What the sessions are called, by name or id, whose recordings are listed;
   * `*` is any text. @default {all}
   */
  called?: readonly string[];
}

/** A recording in its place. */
export interface PlacedRecording {
  at: number;
  recording: ServedRecording;
}

/** Some recordings, and after which one there may be more: plain data. */
export interface RecordingPage {
  recordings: PlacedRecording[];
  next?: RecordingPlace;
}

/** A file of a recording, to be read. */
export interface StoredFile extends Disposable {
  name: string;
  /** Bytes that it had when it was opened. */
  size: number;
  /** Tells its states apart (RFC 9110 section 8.8.3): a strong one. */
  tag: string;
  /** Its media type. */
  type: string;
  /** Names and ids of the sessions that it may be of. */
  sessions(): Promise<string[][]>;
  /** Its bytes from `start` up to `end`, as they are taken. */
  parts(start: number, end: number): AsyncGenerator<Uint8Array, void, void>;
}

/** Recordings that can be listed and read. */
export interface RecordingLibrary {
  /** Whether there is a place for recordings at all. */
  readonly isThere: boolean;
  /** Lists recordings, the newest first. */
  list(query: ListQuery): Promise<RecordingPage>;
  /** Opens a file; nothing where there is none that is called so. */
  open(name: string): Promise<StoredFile | undefined>;
}

/** Puts the newer one first, as lists have them. */
export function comparePlaces(
  a: Required<RecordingPlace>,
  b: Required<RecordingPlace>,
): number {
  return b.at - a.at || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0);
}
