/** A recording, as it is listed: plain data. */
export interface ListedRecording {
  /** The MCAP file, without its folder. */
  name: string;
  /** The name of the session that it is of. */
  session: string;
  /** That session's id; nothing where the file doesn't say it. */
  id: string | null;
  /** When it begins, ISO 8601, UTC. */
  start: string;
  /** From its first message to its last; null where that isn't known yet. */
  seconds: number | null;
  bytes: number;
  /** Names of its streams of points, and of its tracks; none while unknown. */
  streams: string[];
  tracks: string[];
  /** Whether it has its index: neither being written, nor cut off. */
  isComplete: boolean;
  /** Its media files. */
  files: { name: string; bytes: number }[];
}

/** The same, as `GET /recordings` has it. */
export interface ServedRecording extends ListedRecording {
  /** Whether it is being written. */
  isWriting: boolean;
  /** The node that has its files, in a cluster. */
  node?: string;
}
