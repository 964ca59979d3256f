import type { Logger } from "../log.ts";
import { listBag } from "./bags/list_bag.ts";
import { findBag } from "./bags/open_bag.ts";
import { SourceError } from "./errors.ts";
import { isRosName } from "./ros/address.ts";
import { RosBridges } from "./ros/bridges.ts";
import { listRosTopics } from "./ros/list_topics.ts";
import type { SourceTopic } from "./source_topics.ts";

/** Options of {@linkcode listSource}. */
export interface ListSourceOptions {
  /** URL of the bridge that has the topics of `ros:`. */
  ros?: string;
  /** Connections to bridges, which others may use too. @default {its own} */
  bridges?: RosBridges;
  log: Logger;
}

/**
 * Lists the topics of a source.
 *
 * @throws {SourceError} where it has none, or can't be read.
 */
export async function listSource(
  name: string,
  { ros: url, bridges, log }: ListSourceOptions,
): Promise<SourceTopic[]> {
  if (isRosName(name)) {
    return await listRosTopics(name, {
      bridges: bridges ?? new RosBridges({ log }),
      url,
    });
  }
  const bag = await findBag(name);
  if (bag !== undefined) return await listBag(bag, { log });
  throw new SourceError(
    `${name} has no topics; those of a bag are listed, such as drive.mcap, ` +
      "and those of a robot, ros:*",
  );
}
