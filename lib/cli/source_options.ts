import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import {
  DEFAULT_POINTS,
  openSource,
  type OpenSourceOptions,
} from "../sources/open.ts";
import type { OpenedSource } from "../sources/opened_source.ts";
import { RGBD_POINTS } from "../sources/synthetic/rgbd.ts";
import { FIELDS_OPTION, readFields } from "./fields_option.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The client's options about where clouds come from. */
export const SOURCE_OPTIONS = {
  source: {
    type: "text",
    default: "random",
    help: "random, lidar, rgbd, - (standard input), ros:TOPICS, a file, a " +
      "folder or a glob; several times as NAME=SOURCE, each with the options " +
      "behind it",
  },
  points: {
    type: "integer",
    min: 1,
    max: DEFAULT_SESSION_LIMITS.framePoints,
    help: `Points of each frame, where the source doesn't say ` +
      `(${DEFAULT_POINTS}; of rgbd ${RGBD_POINTS})`,
  },
  ...FIELDS_OPTION,
  loop: { type: "flag", help: "Start again after the last file" },
  follow: {
    type: "flag",
    help: "Go on with files that appear in the folder, as they come",
  },
  ros: {
    type: "text",
    help: "Bridge that has the topics of ros:, ws://HOST:8765",
  },
  "fixed-frame": {
    type: "text",
    help: "Frame that clouds are placed in, such as map (the root above each)",
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
  const { source, points, loop, follow, ros } = options;
  if (loop && follow) {
    throw new UsageError("--loop and --follow don't go together");
  }
  const fields = readFields(options.fields);
  const fixedFrame = options["fixed-frame"];
  return { source, points, loop, follow, fields, ros, fixedFrame, log };
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
