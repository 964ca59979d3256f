/**
 * The small JSON text messages that the two sides of a `pointwire.v1` channel
 * exchange beside the frames.
 */
import { POINTS_PROTOCOL } from "../points/frame.ts";

/** The server's first message: it speaks the protocol. */
export interface HelloMessage {
  type: "hello";
  protocol: typeof POINTS_PROTOCOL;
}

/** What the server received, sent at most 4 times a second. */
export interface AckMessage {
  type: "ack";
  /** Number of the newest whole frame. */
  frame: number;
  /** Points of that frame. */
  points: number;
  /** Whole frames received on this channel so far. */
  frames: number;
  /** When that frame was whole, milliseconds since the epoch, server's clock. */
  receivedAt: number;
  /** Milliseconds from then to the sending of this message. */
  heldMs: number;
  /** Where asked for: number and checksum of each frame since the last one. */
  checksums?: [frame: number, checksum: number][];
}

/** Why the server is about to close the session. */
export interface ByeMessage {
  type: "bye";
  reason: string;
}

/** Asks the server to put every frame's checksum into its acknowledgements. */
export interface VerifyMessage {
  type: "verify";
}

export type ServerMessage = HelloMessage | AckMessage | ByeMessage;
export type ClientMessage = VerifyMessage;

/** Reads a server's text message; `undefined` for anything else. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const value = parseObject(text);
  switch (value?.type) {
    case "hello":
      return value.protocol === POINTS_PROTOCOL
        ? { type: "hello", protocol: POINTS_PROTOCOL }
        : undefined;
    case "ack":
      return isAck(value) ? value : undefined;
    case "bye":
      return { type: "bye", reason: String(value.reason) };
  }
}

/** Reads a client's text message; `undefined` for anything else. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  return parseObject(text)?.type === "verify" ? { type: "verify" } : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

function isAck(value: object): value is AckMessage {
  const ack = value as Partial<AckMessage>;
  return [ack.frame, ack.points, ack.frames, ack.receivedAt, ack.heldMs]
    .every((n) => typeof n === "number" && Number.isFinite(n)) &&
    (ack.checksums === undefined || Array.isArray(ack.checksums));
}
