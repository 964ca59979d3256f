import type { RecordingTotals } from "../recording/recording_options.ts";

/** Records sessions: what routes, metrics and other nodes ask of it. */
export interface RecordingControl {
  /** Where its files are, which those who may watch can read. */
  readonly folder?: string;
  /** Tells whether a session is recorded. */
  has(id: string): boolean;
  /** Begins to record a session, where it isn't recorded already. */
  start(id: string): Promise<void>;
  /**
   * Ends a session's recording; resolves when its files are whole, with whether
   * there was one.
   */
  stop(id: string): Promise<boolean>;
  /** Says what came of all recordings so far. */
  counters(): Promise<RecordingTotals>;
}
