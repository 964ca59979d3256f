/** What a session takes of its peer: plain data. */
export interface SessionLimits {
  /** Data channels that it opens, closed ones too. @default {100} */
  dataChannels: number;
  /** Points of a frame. @default {4_194_304} */
  framePoints: number;
  /** Bytes of a frame, encoded and decoded alike. @default {64 MiB} */
  frameBytes: number;
  /**
   * Bytes that are kept of what isn't whole, isn't due, or wasn't taken by the
   * peer, with 1280 bytes for each piece of it: frames, messages, pictures and
   * what watchers begin with. The largest frame fits. @default {96 MiB}
   */
  heldBytes: number;
  /**
   * Bytes of SCTP, RTP and RTCP packets a second, on average; four seconds'
   * worth may come at once. @default {125_000_000} a gigabit
   */
  bytesPerSecond: number;
  /**
   * Messages of data channels a second, on average; one second's worth may come
   * at once. Ours have 16 KiB each. @default {20_000}
   */
  messagesPerSecond: number;
  /**
   * Messages that can't be read, one after the other without a whole frame
   * between them. @default {1000}
   */
  invalidMessages: number;
  /**
   * Time with neither a whole frame nor a media packet, milliseconds.
   * @default {Infinity} a source may pause
   */
  idleMs: number;
}

/** Seconds of bytes that may come at once. */
export const BYTES_BURST_S = 4;
/** Seconds of messages that may. */
export const MESSAGES_BURST_S = 1;

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  dataChannels: 100,
  framePoints: 4 * 1024 * 1024,
  frameBytes: 64 * 1024 * 1024,
  heldBytes: 96 * 1024 * 1024,
  bytesPerSecond: 125_000_000,
  messagesPerSecond: 20_000,
  invalidMessages: 1000,
  idleMs: Infinity,
};
