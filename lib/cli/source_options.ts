import { DEFAULT_SESSION_LIMITS } from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import { openSource } from "../sources/open.ts";
import type { PointSource } from "../sources/source.ts";
import type { OptionValues } from "./options.ts";

/** The client's options about where clouds come from. */
export const SOURCE_OPTIONS = {
  source: {
    type: "text",
    default: "random",
    help: "random, lidar, - (standard input), a file, a folder or a glob",
  },
  points: {
    type: "integer",
    min: 1,
    max: DEFAULT_SESSION_LIMITS.framePoints,
    default: 100_000,
    help: "Points of each frame, where the source doesn't say",
  },
  fields: {
    type: "text",
    help: "Fields to send, such as x,y,z; all that the source has",
  },
  loop: { type: "flag", help: "Start again after the last file" },
} as const;

/**
 * Opens the source that the options name.
 *
 * @throws {SourceError} where there is none.
 */
export function openSourceOf(
  options: OptionValues<typeof SOURCE_OPTIONS>,
  log: Logger,
): Promise<PointSource> {
  const { source, points, loop } = options;
  const fields = options.fields?.split(",").map((name) => name.trim());
  return openSource(source, { points, loop, fields, log });
}
