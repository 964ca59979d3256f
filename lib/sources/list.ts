import type { Logger } from "../log.ts";
import { findBag, listBag } from "./bags/bag_source.ts";
import { SourceError } from "./errors.ts";
import type { SourceTopic } from "./source_topics.ts";

/**
 * Lists the topics of a source.
 *
 * @throws {SourceError} where it has none, or can't be read.
 */
export async function listSource(
  name: string,
  log: Logger,
): Promise<SourceTopic[]> {
  const bag = await findBag(name);
  if (bag !== undefined) return await listBag(bag, log);
  throw new SourceError(
    `${name} has no topics; those of a bag are listed, such as drive.mcap`,
  );
}
