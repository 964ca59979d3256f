/** Limits that are held at the door, by HTTP. */
export const REQUEST_LIMITS = [
  /** Sessions in all. */
  "sessions",
  "sessions-per-address",
  /** Sessions of an address that have an answer and are not connected yet. */
  "connecting-per-address",
  "offers-per-second",
  /** Watchers of one session. */
  "watchers",
  "watchers-per-address",
  "event-streams-per-address",
  /** Tools at the Foxglove door. */
  "foxglove-clients",
  "foxglove-clients-per-address",
  /** Lists of recordings that are asked for at once. */
  "recording-lists",
  "body-bytes",
  "body-time",
  "sdp-lines",
  "sdp-sections",
  "sdp-candidates",
] as const;
/** The name of a limit that is held at the door. */
export type RequestLimit = typeof REQUEST_LIMITS[number];

/** Limits that a session holds its peer to. */
export const SESSION_LIMITS = [
  "connect-time",
  "idle-time",
  "data-channels",
  "frame-points",
  "frame-bytes",
  /** Memory for what isn't whole, isn't due, or wasn't taken. */
  "held-bytes",
  "bytes-per-second",
  "messages-per-second",
  /** Messages that can't be read, with nothing between them that can. */
  "invalid-messages",
] as const;
/** The name of a limit that a session holds its peer to. */
export type SessionLimit = typeof SESSION_LIMITS[number];

/** Every limit by its name in errors, logs and metrics. */
export type LimitName = RequestLimit | SessionLimit;
