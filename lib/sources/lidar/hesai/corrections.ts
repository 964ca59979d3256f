import { SourceError } from "../../errors.ts";
import type { Angles } from "./models.ts";

/** Furthest that a channel looks beside its block's azimuth, degrees. */
const MOST_AZIMUTH = 15;

/** Most channels of a sensor. */
const MOST_CHANNELS = 128;

/**
 * Reads a sensor's angle correction file, as its web page and Hesai's software
 * give it: lines of channel, elevation and azimuth, after one that says so.
 *
 * @throws {SourceError} naming the line that can't be read.
 */
export function readCorrections(text: string): Angles {
  const elevations: number[] = [];
  const azimuths: number[] = [];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const first = lines.findIndex((line) => /^\d+\s*,/.test(line));
  if (first < 0) {
    throw new SourceError(
      "The angle corrections have no line of channel, elevation and azimuth",
    );
  }
  for (const [i, line] of lines.entries()) {
    if (i < first || line === "") continue;
    const [channel, elevation, azimuth] = line.split(",").map(Number);
    const isRight = channel === elevations.length + 1 &&
      channel <= MOST_CHANNELS && Math.abs(elevation) <= 90 &&
      Math.abs(azimuth) <= MOST_AZIMUTH;
    if (!isRight) {
      throw new SourceError(
        `Cannot read line ${i + 1} of the angle corrections, "` +
          `${line.slice(0, 40)}": expected channel ${elevations.length + 1}, ` +
          `its elevation and its azimuth, in degrees, such as 1,14.97,0.08`,
      );
    }
    elevations.push(elevation);
    azimuths.push(azimuth);
  }
  return { elevations, azimuths };
}
