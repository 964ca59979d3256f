/** What is made of the channels of a bridge. */
import { type MessageKind, messageKindOf } from "../../ros/message_kinds.ts";
import { type MessageReader, messageReaderOf } from "../../ros/messages.ts";
import { isMessageEncoding } from "../../ros/schema.ts";
import type { Channel } from "./foxglove_protocol.ts";

/** Finds what reads a channel's messages; nothing where they are not ours. */
export function readerOf(
  { schemaName: name, encoding }: Channel,
): MessageReader | undefined {
  return isMessageEncoding(encoding)
    ? messageReaderOf({ name, encoding })
    : undefined;
}

/**
 * Says what is made of a channel's messages; nothing of those not read, nor of
 * sound, which is played from recordings alone.
 */
export function kindOf(channel: Channel): MessageKind | undefined {
  const kind = readerOf(channel) && messageKindOf(channel.schemaName);
  return kind === "sound" ? undefined : kind;
}
