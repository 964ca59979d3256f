import type { RecordedPoints } from "./mcap/cloud_messages.ts";

/** How sound and pictures are kept beside the MCAP file. */
export type RecordedMedia = "files" | "raw" | "none";

/** What is recorded, and how: plain data. */
export interface RecordingOptions {
  /** Where the files go. */
  folder: string;
  /** Of pointwire, as files say it. @default {""} */
  version?: string;
  /** @default {"pointcloud2"} */
  points?: RecordedPoints;
  /** @default {"files"} */
  media?: RecordedMedia;
  /** Bytes after which a session goes on in another file. @default {never} */
  maxBytes?: number;
  /** Milliseconds after which it does. @default {never} */
  maxMs?: number;
}

/** The session that a recording is of: plain data. */
export interface RecordedSession {
  id: string;
  name: string;
  /** When it began, or what is recorded of it did, ISO 8601, UTC. */
  start: string;
}

/** What came of all recordings so far: plain data. */
export interface RecordingCounters {
  /** Sessions that are recorded now. */
  recordings: number;
  /** Files that are being written. */
  openFiles: number;
  /** Bytes written, of all files. */
  bytes: number;
  /** Messages that the disk was too slow for, or that had no file. */
  dropped: number;
  /** Files that could not be written whole. */
  errors: number;
}

/** What came of all recordings, and of who made them. */
export interface RecordingTotals extends RecordingCounters {
  /** Recorders that died, each in the middle of its files. */
  deaths: number;
}

/** Makes the counters of nothing. */
export function noRecordings(): RecordingCounters {
  return { recordings: 0, openFiles: 0, bytes: 0, dropped: 0, errors: 0 };
}
