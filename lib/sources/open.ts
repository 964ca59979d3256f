import type { Logger } from "../log.ts";
import type { NamedType } from "../points/field.ts";
import { SourceError } from "./errors.ts";
import { filesSource } from "./files.ts";
import { BagPlayers } from "./bags/bag_players.ts";
import { bagSource } from "./bags/bag_source.ts";
import { findBag } from "./bags/open_bag.ts";
import { openLidar } from "./lidar/open.ts";
import type { OpenedSource } from "./opened_source.ts";
import { pickFields } from "./pick_fields.ts";
import { isRosName } from "./ros/address.ts";
import { RosBridges } from "./ros/bridges.ts";
import { openRosSource } from "./ros/ros_source.ts";
import type { SharedInputs } from "./shared_inputs.ts";
import { mapSource, type PointSource } from "./source.ts";
import { stdinSource } from "./stdin.ts";
import { lidarSource } from "./synthetic/lidar.ts";
import { randomSource } from "./synthetic/random.ts";
import { rgbdSource } from "./synthetic/rgbd.ts";

/** Options of {@linkcode openSource}; what it shares with nobody is its own. */
export interface OpenSourceOptions extends Partial<SharedInputs> {
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
  /** How fast a recording is played. @default {1} */
  speed?: number;
  /** Seconds of a recording to leave out at its beginning. @default {0} */
  start?: number;
  /** A file with what a sensor says of itself, where its packets don't. */
  metadata?: string;
  /** URL of the bridge that has the topics of `ros:`. */
  ros?: string;
  /**
   * Frame that the clouds of a bag or a robot are placed in.
   * @default {the root above that of each}
   */
  fixedFrame?: string;
  log: Logger;
}

/** Points of a frame where nobody says how many. */
export const DEFAULT_POINTS = 100_000;

/**
 * Opens a source by what the `--source` option says: `random`, `lidar`, `rgbd`,
 * `-` for standard input, topics of a robot (`ros:/points`), a bag with or
 * without `:TOPIC`, a lidar (`ouster:HOST`, `velodyne:PORT`, a capture of its
 * packets), or a file, a folder or a glob.
 *
 * @throws {SourceError} where there is no such source.
 */
export async function openSource(
  name: string,
  options: OpenSourceOptions,
): Promise<OpenedSource> {
  const opened = await openSeveral(name, options);
  if (opened === undefined) return await openOne(name, options);
  if (options.follow) throw noFolder(name);
  return { cameras: [], ...opened };
}

/** Opens what may have several streams; nothing for other names. */
async function openSeveral(
  name: string,
  options: OpenSourceOptions,
): Promise<OpenedSource | undefined> {
  const { ros: url, fixedFrame, fields, log } = options;
  if (isRosName(name)) {
    const bridges = options.bridges ?? new RosBridges({ log });
    return await openRosSource(name, { bridges, url, fixedFrame, fields, log });
  }
  const bag = await findBag(name);
  if (bag !== undefined) {
    const { speed, start, loop } = options;
    const bags = options.bags ?? new BagPlayers({ log });
    const playing = { speed, start, loop, fixedFrame };
    return await bagSource(bag, { ...playing, bags, fields, log });
  }
  const lidar = await openLidar(name, options);
  if (lidar === undefined) return undefined;
  return {
    streams: lidar.streams.map((stream) => ({
      ...stream,
      source: withFields(stream.source, fields),
    })),
  };
}

async function openOne(
  name: string,
  options: OpenSourceOptions,
): Promise<OpenedSource> {
  const { fields, follow } = options;
  const synthetic = openSynthetic(name, options);
  if (synthetic === undefined && name !== "-") {
    const source = await filesSource(name, options);
    return { streams: [{ source }], cameras: [] };
  }
  if (follow) throw noFolder(name);
  if (synthetic !== undefined) {
    return { streams: [{ source: withFields(synthetic, fields) }] };
  }
  const { points = DEFAULT_POINTS, log } = options;
  const source = stdinSource({ points, fields, log });
  return { streams: [{ source }], cameras: [] };
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

function noFolder(name: string): SourceError {
  return new SourceError(`${name} is no folder that could be followed`);
}

/** Cuts a source's clouds down to some of their fields. */
function withFields(
  source: PointSource,
  fields: readonly NamedType[] | undefined,
): PointSource {
  if (fields === undefined) return source;
  return mapSource(source, (given) => ({
    ...given,
    cloud: pickFields(given.cloud, fields),
  }));
}
