/**
 * The messages of the Foxglove WebSocket protocol, as far as a client that
 * subscribes needs them
 * (https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md).
 */
import {
  FoxgloveProtocolError,
  isId,
  parseTextMessage,
  STATUS_LEVELS,
  type StatusLevel,
} from "../../ros/foxglove_wire.ts";

/** What a server has to give, under the id of one connection. */
export interface Channel {
  readonly id: number;
  readonly topic: string;
  /** How its messages are written down, such as `cdr` or `protobuf`. */
  readonly encoding: string;
  /** Such as `sensor_msgs/msg/PointCloud2`. */
  readonly schemaName: string;
}

/** What a server says in text, and is listened to. */
export type ServerText =
  | { op: "serverInfo"; name: string }
  | { op: "advertise"; channels: Channel[] }
  | { op: "unadvertise"; ids: number[] }
  | { op: "status"; level: StatusLevel; message: string };

/** Most characters of a topic's name, or of a schema's. */
const MAX_NAME_CHARACTERS = 256;

/**
 * Reads a text message of a server.
 *
 * @returns nothing for what a client that subscribes doesn't need.
 * @throws {FoxgloveProtocolError} for what is no such message.
 */
export function parseServerText(text: string): ServerText | undefined {
  const message = parseTextMessage(text);
  switch (message.op) {
    case "serverInfo":
      return { op: "serverInfo", name: stringOr(message.name, "") };
    case "advertise":
      return { op: "advertise", channels: readChannels(message.channels) };
    case "unadvertise":
      return { op: "unadvertise", ids: readIds(message.channelIds) };
    case "status":
      return {
        op: "status",
        level: STATUS_LEVELS[message.level as number] ?? "error",
        message: stringOr(message.message, ""),
      };
  }
}

/** Writes the message that asks for channels' messages. */
export function subscribeText(
  subscriptions: readonly { id: number; channelId: number }[],
): string {
  return JSON.stringify({ op: "subscribe", subscriptions });
}

/** Writes the message that asks for them no more. */
export function unsubscribeText(subscriptionIds: readonly number[]): string {
  return JSON.stringify({ op: "unsubscribe", subscriptionIds });
}

type Fields = Record<string, unknown>;

/** Those that can be read: one that can't takes none of the others away. */
function readChannels(value: unknown): Channel[] {
  if (!Array.isArray(value)) {
    throw new FoxgloveProtocolError("advertise has no list of channels");
  }
  return value.flatMap((channel) => readChannel(channel) ?? []);
}

function readChannel(value: unknown): Channel | undefined {
  const { id, topic, encoding, schemaName } = (value ?? {}) as Fields;
  if (!isId(id) || !isName(topic)) return undefined;
  if (!isName(encoding) || !isName(schemaName)) return undefined;
  return { id, topic, encoding, schemaName };
}

function readIds(value: unknown): number[] {
  if (Array.isArray(value)) return value.filter(isId);
  throw new FoxgloveProtocolError("unadvertise has no list of channels");
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_CHARACTERS;
}

function stringOr(value: unknown, other: string): string {
  return typeof value === "string" ? value : other;
}
