import { PointsError, type PointsErrorReason } from "../errors.ts";

/** Makes the error of a file that can't be read, and why. */
export function lasError(
  reason: PointsErrorReason,
  why: string,
  options?: ErrorOptions,
): PointsError {
  return new PointsError(reason, `Cannot read LAS: ${why}`, options);
}
