import { writeMessageData } from "../../ros/foxglove_wire.ts";
import type { ForwardingCounters } from "../../session/snapshot.ts";

/** A message of a channel, made once for all who subscribe. */
export interface ChannelMessage {
  /** As it is sent, but for the subscription in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it is the newest of, among the messages of one client. */
  readonly key: string;
  /**
   * `newest`: it takes the place of the one before that still waits.
   * `key` and `next`: a decoder needs all of them, or begins at a `key`.
   */
  readonly order: "newest" | "key" | "next";
  /** Where it is counted for its session, if it is a cloud. */
  readonly forwarded?: ForwardingCounters;
  /** Asks for one that is a `key`, now or soon. */
  requestKey?(): void;
}

/** Makes a message of its data; it is sent as of now. */
export function createMessage(
  data: Uint8Array,
  rest: Omit<ChannelMessage, "bytes">,
): ChannelMessage {
  return { bytes: writeMessageData(data, Date.now()), ...rest };
}
