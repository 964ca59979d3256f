import type { Logger } from "../log.ts";
import { selectFields } from "../points/cloud.ts";
import { filesSource } from "./files.ts";
import { lidarSource } from "./synthetic/lidar.ts";
import { randomSource } from "./synthetic/random.ts";
import type { PointSource } from "./source.ts";
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
  const source = await openNamed(name, options);
  const { fields } = options;
  // Standard input has the fields that are named; the others are cut down.
  return fields === undefined || name === "-"
    ? source
    : withFields(source, fields);
}

function openNamed(
  name: string,
  options: OpenSourceOptions,
): PointSource | Promise<PointSource> {
  switch (name) {
    case "random":
      return randomSource(options.points);
    case "lidar":
      return lidarSource(options.points);
    case "-":
      return stdinSource(options);
    default:
      return filesSource(name, options);
  }
}

function withFields(
  source: PointSource,
  fields: readonly string[],
): PointSource {
  return {
    get skipped() {
      return source.skipped;
    },
    async next(frame, seconds) {
      const cloud = await source.next(frame, seconds);
      return cloud && selectFields(cloud, fields);
    },
    [Symbol.asyncDispose]: async () => await source[Symbol.asyncDispose]?.(),
  };
}
