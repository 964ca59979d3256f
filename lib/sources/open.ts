import type { Logger } from "../log.ts";
import { selectFields } from "../points/cloud.ts";
import { filesSource } from "./files.ts";
import { lidarSource } from "./synthetic/lidar.ts";
import { randomSource } from "./synthetic/random.ts";
import { type PointSource, withTime } from "./source.ts";
import { stdinSource } from "./stdin.ts";

export interface OpenSourceOptions {
  /** Points of each frame, where the source doesn't say. */
  points: number;
  /** Starts again after the last file. */
  loop?: boolean;
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly string[];
  log: Logger;
}

/**
 * Opens a source by what the `--source` option says: `random`, `lidar`, `-` for
 * standard input, or a file, a folder or a glob.
 *
 * @throws {SourceError} where there is no such source.
 */
export async function openSource(
  name: string,
  options: OpenSourceOptions,
): Promise<PointSource> {
  const { points, fields } = options;
  switch (name) {
    case "random":
      return withFields(randomSource(points), fields);
    case "lidar":
      return withFields(lidarSource(points), fields);
    case "-":
      // It has no fields but those that are named.
      return stdinSource(options);
    default:
      return withFields(await filesSource(name, options), fields);
  }
}

/** Cuts a source's clouds down to some of their fields. */
function withFields(
  source: PointSource,
  fields: readonly string[] | undefined,
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
      return { cloud: selectFields(cloud, fields), captureTime };
    },
    [Symbol.asyncDispose]: async () => await source[Symbol.asyncDispose]?.(),
  };
}
