import { type SourceTopic, useOf } from "../source_topics.ts";
import { type BagName, openBag, type OpenBagOptions } from "./open_bag.ts";
import { knownTopic } from "./topics.ts";

/**
 * Lists the topics of a bag, by name.
 *
 * @throws {SourceError} for what is no bag.
 */
export async function listBag(
  { path }: BagName,
  options: OpenBagOptions,
): Promise<SourceTopic[]> {
  using bag = await openBag(path, options);
  const counts = await bag.countMessages();
  const seconds = (bag.end - bag.start) / 1000;
  return bag.topics.map((topic) => {
    const { name, type } = topic;
    const messages = counts.get(topic) ?? 0;
    const rate = seconds > 0 ? messages / seconds : undefined;
    return { name, type, messages, rate, use: useOf(knownTopic(topic)?.kind) };
  }).toSorted((a, b) => a.name < b.name ? -1 : 1);
}
