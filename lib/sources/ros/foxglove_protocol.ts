/**
 * The messages of the Foxglove WebSocket protocol, as far as a client that
 * subscribes needs them
 * (https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md).
 */

/** The protocol's names, newest first; what is used here is alike in both. */
export const FOXGLOVE_SUBPROTOCOLS = [
  "foxglove.sdk.v1",
  "foxglove.websocket.v1",
] as const;

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

export type StatusLevel = "info" | "warning" | "error";

/** One message of a channel that was subscribed to. */
export interface MessageData {
  subscription: number;
  /** When the server had it, nanoseconds since the Unix epoch. */
  time: bigint;
  data: Uint8Array;
}

/** Thrown for a message that is none of the protocol; says what is wrong. */
export class FoxgloveProtocolError extends Error {
  override readonly name = "FoxgloveProtocolError";
}

/** Most characters of a topic's name, or of a schema's. */
const MAX_NAME_CHARACTERS = 256;
const STATUS_LEVELS: readonly StatusLevel[] = ["info", "warning", "error"];
/** The first byte of a message's data; others are of services and assets. */
const MESSAGE_DATA = 1;
const MESSAGE_DATA_HEADER = 1 + 4 + 8;

/**
 * Reads a text message of a server.
 *
 * @returns nothing for what a client that subscribes doesn't need.
 * @throws {FoxgloveProtocolError} for what is no such message.
 */
export function parseServerText(text: string): ServerText | undefined {
  const message = parseObject(text);
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

/**
 * Reads a binary message of a server: opcode uint8, subscription uint32, time
 * uint64, all little-endian, and then the data, which is not copied.
 *
 * @returns nothing where it is no message's data.
 * @throws {FoxgloveProtocolError} where it is cut off.
 */
export function parseServerBinary(bytes: Uint8Array): MessageData | undefined {
  if (bytes[0] !== MESSAGE_DATA) return undefined;
  if (bytes.length < MESSAGE_DATA_HEADER) {
    throw new FoxgloveProtocolError(
      `A message's data has ${bytes.length} bytes, and its header ` +
        `${MESSAGE_DATA_HEADER}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    subscription: view.getUint32(1, true),
    time: view.getBigUint64(5, true),
    data: bytes.subarray(MESSAGE_DATA_HEADER),
  };
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

function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FoxgloveProtocolError("A text message is no JSON", {
      cause: error,
    });
  }
  if (typeof value === "object" && value !== null) return value as Fields;
  throw new FoxgloveProtocolError("A text message is no JSON object");
}

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

function isId(value: unknown): value is number {
  return Number.isInteger(value) && value as number >= 0 &&
    value as number <= Number.MAX_SAFE_INTEGER;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_CHARACTERS;
}

function stringOr(value: unknown, other: string): string {
  return typeof value === "string" ? value : other;
}
