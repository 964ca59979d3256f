import type { HistogramCounts } from "../histogram.ts";
import type { MediaKind } from "../media/frame.ts";
import { noForwarding } from "../session/forwarding.ts";
import type {
  ForwardingCounters,
  SessionSnapshot,
} from "../session/snapshot.ts";

type MediaTotals = {
  frames: number;
  bytes: number;
  packets: number;
  packetsLost: number;
  invalid: number;
};

/** What sessions have come to: counts that only grow. */
export type SessionTotals = {
  frames: number;
  points: number;
  pointsBytes: number;
  skipped: number;
  /** Messages by what was wrong with them. */
  invalid: Record<string, number>;
  media: Record<MediaKind, MediaTotals>;
  forwarded: ForwardingCounters;
  latency: HistogramCounts;
  roundTrips: HistogramCounts;
};

/** The counts of one session. */
export function totalsOf(session: SessionSnapshot): SessionTotals {
  const { points, tracks, forwarded, latency, link } = session;
  const media = { video: noMedia(), audio: noMedia() };
  for (const { kind, ...counters } of tracks) {
    for (const name of Object.keys(noMedia()) as (keyof MediaTotals)[]) {
      media[kind][name] += counters[name];
    }
  }
  return {
    frames: points.frames,
    points: points.points,
    pointsBytes: points.bytes,
    skipped: points.skipped,
    invalid: { ...points.invalidReasons },
    media,
    forwarded,
    latency,
    roundTrips: link.roundTrips,
  };
}

/** Makes counts at zero. */
export function noTotals(): SessionTotals {
  const nothing = () => ({ counts: [], sum: 0, count: 0 });
  return {
    frames: 0,
    points: 0,
    pointsBytes: 0,
    skipped: 0,
    invalid: {},
    media: { video: noMedia(), audio: noMedia() },
    forwarded: noForwarding(),
    latency: nothing(),
    roundTrips: nothing(),
  };
}

/** Adds up the counts of two. */
export function addTotals(a: SessionTotals, b: SessionTotals): SessionTotals {
  return combine(a, b, (x, y) => x + y);
}

/** Takes the later of two counts of one session. */
export function laterTotals(a: SessionTotals, b: SessionTotals): SessionTotals {
  return combine(a, b, Math.max);
}

function noMedia(): MediaTotals {
  return { frames: 0, bytes: 0, packets: 0, packetsLost: 0, invalid: 0 };
}

/** Combines each number with that of the same name; one that lacks is zero. */
function combine<T extends object>(
  a: T,
  b: T,
  operate: (a: number, b: number) => number,
): T {
  type Values = Record<string, number | object | undefined>;
  const [left, right] = [a as Values, b as Values];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const result: Values = Array.isArray(a) ? [] as unknown as Values : {};
  for (const name of names) {
    const [x, y] = [left[name], right[name]];
    result[name] = typeof x === "object" && typeof y === "object"
      ? combine(x, y, operate)
      : operate(Number(x ?? 0), Number(y ?? 0));
  }
  return result as T;
}
