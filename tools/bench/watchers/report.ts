/** What watchers of the bench have got, all together. */
export interface WatchersReport {
  /** How many they are. */
  watchers: number;
  /** Time that it is of, seconds. */
  seconds: number;
  /** Whole frames. */
  frames: number;
  /** Points of these: fewer where frames were thinned. */
  points: number;
  /** Frames that one before and one after came of, and they did not. */
  lost: number;
  /** Of messages on data channels. */
  bytes: number;
  /** From capture to the last byte, milliseconds: in the middle, and 95 %. */
  latency: { median: number; p95: number };
  /** Least frames of any watcher. */
  least: number;
}
