const HOUR_MS = 3_600_000;

/** How far a sensor's clock may be off before it is taken for unset. */
const MOST_SKEW_MS = 1000;

/**
 * Joins a time past the hour with the hour that a packet came in. A sensor that
 * nobody tells the time counts from when it was switched on: then, as when it
 * is off by more than a second, the packet is as old as it looks.
 *
 * @param pastHour milliseconds since a full hour of UTC.
 * @param receivedAt milliseconds since the Unix epoch.
 */
export function timeOfHour(pastHour: number, receivedAt: number): number {
  const hours = Math.round((receivedAt - pastHour) / HOUR_MS);
  return trustedTime(hours * HOUR_MS + pastHour, receivedAt);
}

/**
 * Returns a sensor's time where it can be true, else when its packet came; both
 * in milliseconds since the Unix epoch.
 */
export function trustedTime(said: number, receivedAt: number): number {
  return Math.abs(said - receivedAt) <= MOST_SKEW_MS ? said : receivedAt;
}
