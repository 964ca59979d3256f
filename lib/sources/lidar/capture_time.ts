/**
 * How far a sensor's clock may be from that of the machine that receives, ms:
 * further away it counts from its own start, or in another time scale.
 */
const MOST_DIFFERENCE_MS = 10_000;

/**
 * Returns a sensor's stamp where that is Unix time, as with PTP, else the time
 * of receipt; both in milliseconds since the Unix epoch.
 */
export function captureTimeOf(stampMs: number, receivedAt: number): number {
  const isUnix = Math.abs(stampMs - receivedAt) <= MOST_DIFFERENCE_MS;
  return isUnix ? stampMs : receivedAt;
}
