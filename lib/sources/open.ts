import type { Logger } from "../log.ts";
import type { NamedType } from "../points/field.ts";
import { SourceError } from "./errors.ts";
import { filesSource } from "./files.ts";
import type { OpenedSource } from "./opened_source.ts";
import { pickFields } from "./pick_fields.ts";
import { isRosName } from "./ros/address.ts";
import { RosBridges } from "./ros/bridges.ts";
import { openRosSource } from "./ros/ros_source.ts";
import { type PointSource, withTime } from "./source.ts";
import { stdinSource } from "./stdin.ts";
import { lidarSource } from "./synthetic/lidar.ts";
import { randomSource } from "./synthetic/random.ts";
import { rgbdSource } from "./synthetic/rgbd.ts";

export interface OpenSourceOptions {
  /**
   * Points of each frame, where the source doesn't say.
   * @default {100,000, or a picture}
   */
  points?: number;
  /** Starts again after the last file. */
  loop?: boolean;
  /** Goes on with files that appear in a folder. */
  follow?: boolean;
  /**
   * Gives just these fields of each cloud; says what raw points have.
   * @default {all}
   */
  fields?: readonly NamedType[];
  /** URL of the bridge that has the topics of `ros:`. */
  ros?: string;
  /**
   * Frame that clouds are placed in. @default {the root above that of each}
   */
  fixedFrame?: string;
  /** Connections to bridges, which others may use too. */
  bridges?: RosBridges;
  log: Logger;
}

/** Points of a frame where nobody says how many. */
export const DEFAULT_POINTS = 100_000;

/**
 * Opens a source by what the `--source` option says: `random`, `lidar`, `rgbd`,
 * `-` for standard input, `ros:` with topics of a robot, or a file, a folder or
 * a glob.
 *
 * @throws {SourceError} where there is no such source.
 */
export async function openSource(
  name: string,
  options: OpenSourceOptions,
): Promise<OpenedSource> {
  if (!isRosName(name)) {
    return { streams: [{ source: await openOne(name, options) }] };
  }
  const { ros: url, fixedFrame, fields, log } = options;
  const bridges = options.bridges ?? new RosBridges({ log });
  return await openRosSource(name, { bridges, url, fixedFrame, fields, log });
}

async function openOne(
  name: string,
  options: OpenSourceOptions,
): Promise<PointSource> {
  const { fields, follow } = options;
  const synthetic = openSynthetic(name, options);
  if (synthetic === undefined && name !== "-") {
    return await filesSource(name, options);
  }
  if (follow) {
    throw new SourceError(`${name} is no folder that could be followed`);
  }
  if (synthetic !== undefined) return withFields(synthetic, fields);
  const { points = DEFAULT_POINTS, log } = options;
  return stdinSource({ points, fields, log });
}

function openSynthetic(
  name: string,
  { points }: OpenSourceOptions,
): PointSource | undefined {
  switch (name) {
    case "random":
      return randomSource(points ?? DEFAULT_POINTS);
    case "lidar":
      return lidarSource(points ?? DEFAULT_POINTS);
    case "rgbd":
      return rgbdSource(points);
  }
}

/** Cuts a source's clouds down to some of their fields. */
function withFields(
  source: PointSource,
  fields: readonly NamedType[] | undefined,
): PointSource {
  if (fields === undefined) return source;
  return {
    get skipped() {
      return source.skipped;
    },
    pace: source.pace,
    async next(frame, seconds) {
      const given = await source.next(frame, seconds);
      if (given === undefined) return undefined;
      const { cloud, captureTime } = withTime(given);
      return { cloud: pickFields(cloud, fields), captureTime };
    },
    [Symbol.asyncDispose]: async () => await source[Symbol.asyncDispose]?.(),
  };
}
