import type { PointsErrorReason } from "../points/errors.ts";
import type { FrameCodec } from "../points/codec.ts";
import type { Dialect } from "../wire/dialect.ts";

/** Counts of one points channel. */
export interface PointsCounters {
  /** Whole clouds received. */
  frames: number;
  /** Points of all clouds. */
  points: number;
  /** Encoded bytes of all clouds, without headers. */
  bytes: number;
  /** Number of the newest frame. */
  lastFrame: number | null;
  /** Frames that the sender's numbers show it dropped. */
  skipped: number;
  /** Messages that were not what they should be. */
  invalid: number;
  /** The same by reason. */
  invalidReasons: Partial<Record<PointsErrorReason, number>>;
  /** Codec of the newest frame. */
  codec: FrameCodec | null;
  /** Dialect of the newest channel. */
  dialect: Dialect | null;
}

/** Makes counters at zero. */
export function noPoints(): PointsCounters {
  return {
    frames: 0,
    points: 0,
    bytes: 0,
    lastFrame: null,
    skipped: 0,
    invalid: 0,
    invalidReasons: {},
    codec: null,
    dialect: null,
  };
}
