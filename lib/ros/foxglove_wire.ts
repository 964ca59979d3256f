/**
 * What both sides of the Foxglove WebSocket protocol have in common
 * (https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md).
 */

/** The protocol's names, newest first; what is used here is alike in both. */
export const FOXGLOVE_SUBPROTOCOLS = [
  "foxglove.sdk.v1",
  "foxglove.websocket.v1",
] as const;

/** How much a status matters, at the number that it has on the wire. */
export const STATUS_LEVELS = ["info", "warning", "error"] as const;
/** How much a status matters. */
export type StatusLevel = typeof STATUS_LEVELS[number];

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

/** Bytes before the data of a message: its opcode, subscription and time. */
export const MESSAGE_DATA_HEADER = 1 + 4 + 8;

/** The first byte of a message's data; others are of services and assets. */
const MESSAGE_DATA = 1;
const SUBSCRIPTION_AT = 1;
const TIME_AT = 5;

/**
 * Reads a binary message of a server: opcode uint8, subscription uint32, time
 * uint64, all little-endian, and then the data, which is not copied.
 *
 * @returns nothing where it is no message's data.
 * @throws {FoxgloveProtocolError} where it is cut off.
 */
export function readMessageData(bytes: Uint8Array): MessageData | undefined {
  if (bytes[0] !== MESSAGE_DATA) return undefined;
  if (bytes.length < MESSAGE_DATA_HEADER) {
    throw new FoxgloveProtocolError(
      `A message's data has ${bytes.length} bytes, and its header ` +
        `${MESSAGE_DATA_HEADER}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    subscription: view.getUint32(SUBSCRIPTION_AT, true),
    time: view.getBigUint64(TIME_AT, true),
    data: bytes.subarray(MESSAGE_DATA_HEADER),
  };
}

/**
 * Writes a binary message of a server, of subscription 0.
 *
 * @param time when the server had it, milliseconds since the Unix epoch.
 */
export function writeMessageData(
  data: Uint8Array,
  time: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MESSAGE_DATA_HEADER + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, MESSAGE_DATA);
  view.setBigUint64(TIME_AT, BigInt(Math.round(time * 1e3)) * 1000n, true);
  bytes.set(data, MESSAGE_DATA_HEADER);
  return bytes;
}

/** Has a message be of another subscription: they differ in that alone. */
export function setSubscription(
  message: Uint8Array<ArrayBuffer>,
  subscription: number,
): void {
  new DataView(message.buffer, message.byteOffset)
    .setUint32(SUBSCRIPTION_AT, subscription, true);
}

/**
 * Reads a text message of either side.
 *
 * @throws {FoxgloveProtocolError} where it is no JSON object.
 */
export function parseTextMessage(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FoxgloveProtocolError("A text message is no JSON", {
      cause: error,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new FoxgloveProtocolError("A text message is no JSON object");
}

/** Tells whether a value can be the id of a channel or a subscription. */
export function isId(value: unknown): value is number {
  return Number.isInteger(value) && value as number >= 0 &&
    value as number <= Number.MAX_SAFE_INTEGER;
}
