import { captureTimeOf } from "./capture_time.ts";

const HOUR_MS = 3_600_000;

/**
 * Joins a time past the hour with the hour that a packet came in. A sensor that
 * nobody tells the time counts from when it was switched on: then the packet is
 * of when it came.
 *
 * @param pastHour milliseconds since a full hour of UTC.
 * @param receivedAt milliseconds since the Unix epoch.
 */
export function timeOfHour(pastHour: number, receivedAt: number): number {
  const hours = Math.round((receivedAt - pastHour) / HOUR_MS);
  return captureTimeOf(hours * HOUR_MS + pastHour, receivedAt);
}
