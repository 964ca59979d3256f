import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import {
  DEFAULT_POINTS,
  openSource,
  type OpenSourceOptions,
} from "../sources/open.ts";
import { SPEEDS } from "../sources/bags/playing.ts";
import type { OpenedSource } from "../sources/opened_source.ts";
import { RGBD_POINTS } from "../sources/synthetic/rgbd.ts";
import { FIELDS_OPTION, readFields } from "./fields_option.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The client's options about where clouds come from. */
export const SOURCE_OPTIONS = {
  source: {
    type: "text",
    default: "random",
    help: "random, lidar, rgbd, - (standard input), ros:TOPICS, " +
      "ouster:HOST, velodyne:PORT, a file, a folder, a glob, a bag " +
      "(drive.mcap:/points) or a capture (drive.pcap); several times as " +
      "NAME=SOURCE, each with the options behind it",
  },
  points: {
    type: "integer",
    min: 1,
    max: DEFAULT_SESSION_LIMITS.framePoints,
    help: `Points of each frame, where the source doesn't say ` +
      `(${DEFAULT_POINTS}; of rgbd ${RGBD_POINTS})`,
  },
  ...FIELDS_OPTION,
  loop: {
    type: "flag",
    help: "Start again after the last file, or a recording's end",
  },
  follow: {
    type: "flag",
    help: "Go on with files that appear in the folder, as they come",
  },
  speed: {
    type: "number",
    min: SPEEDS.least,
    max: SPEEDS.most,
    help: "How many times as fast as it was recorded one is played (1)",
  },
  start: {
    type: "number",
    min: 0,
    help: "Seconds of a recording that are left out at its start (0)",
  },
  metadata: {
    type: "text",
    help: "What a lidar says of itself, or corrects its angles by: a file",
  },
  ros: {
    type: "text",
    help: "Bridge that has the topics of ros:, ws://HOST:8765",
  },
  "fixed-frame": {
    type: "text",
    help: "Frame that clouds of a bag or a robot are placed in, such as map " +
      "(the root above each)",
  },
  list: {
    type: "flag",
    help: "List the topics of the source, and which can be sent; send nothing",
  },
} as const;

/** How a source is to be opened. */
export type SourceOptions = OpenSourceOptions & { source: string };

/**
 * Reads the options about the source.
 *
 * @throws {UsageError} for fields that can't be read, and options that don't go
 * together.
 */
export function readSourceOptions(
  options: OptionValues<typeof SOURCE_OPTIONS>,
  log: Logger,
): SourceOptions {
  const { source, points, loop, follow } = options;
  if (loop && follow) {
    throw new UsageError("--loop and --follow don't go together");
  }
  const fields = readFields(options.fields);
  const { speed, start, metadata, ros } = options;
  const fixedFrame = options["fixed-frame"];
  return {
    ...{ source, points, loop, follow, fields },
    ...{ speed, start, metadata, ros, fixedFrame, log },
  };
}

/**
 * Opens the source that the options name.
 *
 * @throws {SourceError} where there is none.
 */
export async function openSourceOf(
  { source, ...options }: SourceOptions,
): Promise<OpenedSource> {
  return await openSource(source, options);
}
