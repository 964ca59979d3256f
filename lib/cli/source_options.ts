import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import { parseFieldList } from "../points/field.ts";
import { SourceError } from "../sources/errors.ts";
import { DEFAULT_POINTS, openSource } from "../sources/open.ts";
import type { PointSource } from "../sources/source.ts";
import { RGBD_POINTS } from "../sources/synthetic/rgbd.ts";
import type { OptionValues } from "./options.ts";

/** The client's options about where clouds come from. */
export const SOURCE_OPTIONS = {
  source: {
    type: "text",
    default: "random",
    help: "random, lidar, rgbd, - (standard input), a file, a folder or a glob",
  },
  points: {
    type: "integer",
    min: 1,
    max: DEFAULT_SESSION_LIMITS.framePoints,
    help: `Points of each frame, where the source doesn't say ` +
      `(${DEFAULT_POINTS}; of rgbd ${RGBD_POINTS})`,
  },
  fields: {
    type: "text",
    help: "Fields to send, such as x,y,z (all that the source has); of raw " +
      "points and text what they are, with types: x,y,z,ring:u2",
  },
  loop: { type: "flag", help: "Start again after the last file" },
  follow: {
    type: "flag",
    help: "Go on with files that appear in the folder, as they come",
  },
} as const;

/**
 * Opens the source that the options name.
 *
 * @throws {SourceError} where there is none.
 * @throws {PointsError} for fields that can't be read.
 */
export async function openSourceOf(
  options: OptionValues<typeof SOURCE_OPTIONS>,
  log: Logger,
): Promise<PointSource> {
  const { source, points, loop, follow } = options;
  if (loop && follow) {
    throw new SourceError("--loop and --follow don't go together");
  }
  const fields = options.fields === undefined
    ? undefined
    : parseFieldList(options.fields);
  return await openSource(source, { points, loop, follow, fields, log });
}
