/**
 * The messages of the Foxglove WebSocket protocol, as a server needs them that
 * has channels and no more
 * (https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md).
 */
import { cutText } from "../../foreign_text.ts";
import {
  FOXGLOVE_SUBPROTOCOLS,
  FoxgloveProtocolError,
  isId,
  parseTextMessage,
  STATUS_LEVELS,
  type StatusLevel,
} from "../../ros/foxglove_wire.ts";

/** A channel, as clients are told of it. */
export interface ChannelInfo {
  /** No other channel ever has it. */
  readonly id: number;
  readonly topic: string;
  /** How its messages are written down: `cdr` or `json`. */
  readonly encoding: string;
  readonly schemaName: string;
  readonly schema: string;
  readonly schemaEncoding: string;
}

/** What a client asks for. */
export type ClientRequest =
  | { op: "subscribe"; subscriptions: { id: number; channelId: number }[] }
  | { op: "unsubscribe"; ids: number[] };

/** Subscriptions have uint32 ids on the wire. */
const MAX_SUBSCRIPTION_ID = 0xffffffff;

/** Picks the protocol to speak of those that a client offers, newest first. */
export function chooseSubprotocol(offered: string | null): string | undefined {
  const names = offered?.split(",").map((name) => name.trim()) ?? [];
  return FOXGLOVE_SUBPROTOCOLS.find((name) => names.includes(name));
}

/**
 * Reads what a client asks for.
 *
 * @throws {FoxgloveProtocolError} for anything that this server doesn't do; it
 * is fit to be shown.
 */
export function parseClientText(text: string): ClientRequest {
  const message = parseTextMessage(text);
  switch (message.op) {
    case "subscribe":
      return {
        op: "subscribe",
        subscriptions: readList(
          message.subscriptions,
          "subscribe has no list of subscriptions",
          isSubscription,
        ),
      };
    case "unsubscribe":
      return {
        op: "unsubscribe",
        ids: readList(
          message.subscriptionIds,
          "unsubscribe has no list of subscriptionIds",
          isId,
        ),
      };
  }
  throw new FoxgloveProtocolError(
    `This server does subscribe and unsubscribe, and no ` +
      cutText(String(message.op)),
  );
}

/** Writes the first message: what the server is. */
export function serverInfoText(name: string, sessionId: string): string {
  return JSON.stringify({
    op: "serverInfo",
    name,
    capabilities: [],
    sessionId,
  });
}

/** Writes the message that tells of channels. */
export function advertiseText(channels: readonly ChannelInfo[]): string {
  return JSON.stringify({
    op: "advertise",
    // Just what the protocol has: a channel may know more of itself.
    channels: channels.map((
      { id, topic, encoding, schemaName, schema, schemaEncoding },
    ) => ({ id, topic, encoding, schemaName, schema, schemaEncoding })),
  });
}

/** Writes the message that channels are no more. */
export function unadvertiseText(channelIds: readonly number[]): string {
  return JSON.stringify({ op: "unadvertise", channelIds });
}

/** Writes a message for people. */
export function statusText(level: StatusLevel, message: string): string {
  return JSON.stringify({
    op: "status",
    level: STATUS_LEVELS.indexOf(level),
    message,
  });
}

function readList<T>(
  list: unknown,
  otherwise: string,
  isOne: (value: unknown) => value is T,
): T[] {
  if (Array.isArray(list) && list.every(isOne)) return list;
  throw new FoxgloveProtocolError(otherwise);
}

function isSubscription(
  value: unknown,
): value is { id: number; channelId: number } {
  const { id, channelId } = (value ?? {}) as Record<string, unknown>;
  return isId(id) && id <= MAX_SUBSCRIPTION_ID && isId(channelId);
}
