import type { ForwardingCounters } from "./snapshot.ts";

/** What is counted of points alone. */
type PointsForwarding = Omit<ForwardingCounters, "tracksUntaken">;

/** Makes counters at zero. */
export function noForwarding(): ForwardingCounters {
  return { framesSent: 0, framesDropped: 0, bytesSent: 0, tracksUntaken: 0 };
}

/** Makes the sum of two counts. */
export function addForwarding(
  a: ForwardingCounters,
  b: PointsForwarding & Partial<ForwardingCounters> = noForwarding(),
): ForwardingCounters {
  return {
    framesSent: a.framesSent + b.framesSent,
    framesDropped: a.framesDropped + b.framesDropped,
    bytesSent: a.bytesSent + b.bytesSent,
    tracksUntaken: a.tracksUntaken + (b.tracksUntaken ?? 0),
  };
}
