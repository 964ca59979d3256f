import { type MessageKind, messageKindOf } from "../../ros/message_kinds.ts";
import { type MessageReader, messageReaderOf } from "../../ros/messages.ts";
import { isMessageEncoding } from "../../ros/schema.ts";
import { matchesName } from "../../session_name.ts";
import { SourceError } from "../errors.ts";
import type { BagTopic } from "./bag.ts";
import { plainMessage } from "./decompress.ts";

/** A topic whose messages are read. */
export interface KnownTopic {
  topic: BagTopic;
  kind: MessageKind;
  read: MessageReader;
}

/** Topics that are named where one has to be chosen. */
const MAX_SHOWN = 20;

/** Returns what reads a topic's messages; nothing for one that isn't ours. */
export function knownTopic(topic: BagTopic): KnownTopic | undefined {
  const { type: name, encoding } = topic;
  const kind = messageKindOf(name);
  if (kind === undefined || !isMessageEncoding(encoding)) return undefined;
  const read = messageReaderOf({ name, encoding });
  if (read === undefined) return undefined;
  const isCdr = encoding === "cdr";
  const readPlain: MessageReader = (data) => read(plainMessage(data));
  return { topic, kind, read: isCdr ? readPlain : read };
}

/**
 * Picks topics by name, with or without the slash that it begins with; `*` is
 * any text, and commas are between several.
 *
 * @param where names the bag in errors.
 * @throws {SourceError} for a name that no topic has.
 */
export function pickTopics<T extends { name: string }>(
  topics: readonly T[],
  patterns: string,
  where: string,
): T[] {
  const picked = new Set<T>();
  for (const pattern of patterns.split(",").map((text) => text.trim())) {
    const fitting = topics.filter(({ name }) =>
      matchesName(pattern, name) || matchesName(`/${pattern}`, name)
    );
    if (fitting.length === 0) {
      throw new SourceError(
        `${where} has no topic ${pattern}; it has ${listTopics(topics)}`,
      );
    }
    for (const topic of fitting) picked.add(topic);
  }
  return [...picked];
}

/** Names topics for people. */
export function listTopics(
  topics: readonly { name: string; type?: string }[],
): string {
  const shown = topics.slice(0, MAX_SHOWN).map(({ name, type }) =>
    type === undefined ? name : `${name} (${type})`
  );
  const more = topics.length - shown.length;
  if (shown.length === 0) return "none";
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
