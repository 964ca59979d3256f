/**
 * The small JSON text messages that the two sides of a `pointwire.v1` channel
 * exchange beside the frames.
 */
import { XYZ } from "../points/cloud.ts";
import { POINTS_PROTOCOL } from "./frame.ts";

/** The server's first message: it speaks the protocol. */
export interface HelloMessage {
  /** Names the message. */
  type: "hello";
  /** The protocol that it speaks, version and all. */
  protocol: typeof POINTS_PROTOCOL;
}

/** What the server received, sent at most 4 times a second. */
export interface AckMessage {
  /** Names the message. */
  type: "ack";
  /** Number of the newest whole frame. */
  frame: number;
  /** Points of that frame. */
  points: number;
  /** Whole frames received on this channel so far. */
  frames: number;
  /**
   * When that frame was whole, milliseconds since the epoch, server's clock.
   */
  receivedAt: number;
  /** Milliseconds from then to the sending of this message. */
  heldMs: number;
  /** Where asked for: number and checksum of each frame since the last one. */
  checksums?: [frame: number, checksum: number][];
}

/**
 * What a client may make of the end of its session: it comes back after
 * `stopped` and `lost`, and does not after the others.
 */
export const BYE_CODES = [
  /** The server stops, and may be started again. */
  "stopped",
  /** The server has lost the peer: it heard nothing of it for too long. */
  "lost",
  /** An operator deleted the session. */
  "deleted",
  /** A newer session of the same client has taken its place. */
  "replaced",
  /** The client broke a limit, and would again. */
  "limit",
  /** The server's program ended it, or doesn't say why. */
  "ended",
] as const;
/** Why a session ends, for a program. */
export type ByeCode = typeof BYE_CODES[number];

/** Why the server is about to close the session. */
export interface ByeMessage {
  /** Names the message. */
  type: "bye";
  /** A clause for people. */
  reason: string;
  /** What the client may make of it. */
  code: ByeCode;
}

/**
 * The server makes no new sessions, and is about to close this one: there is
 * time to end, or to go elsewhere. A client that doesn't know the message
 * ignores it.
 */
export interface DrainingMessage {
  /** Names the message. */
  type: "draining";
  /** A clause for people. */
  reason: string;
  /** Seconds until it closes the session, with a goodbye. */
  seconds: number;
}

/** Asks the server to put every frame's checksum into its acknowledgements. */
export interface VerifyMessage {
  /** Names the message. */
  type: "verify";
}

/**
 * Names the values of a point in the f32 frames that follow, which carry no
 * names themselves; without it they are x, y, z.
 */
export interface FieldsMessage {
  /** Names the message. */
  type: "fields";
  /** x, y, z, and further names, each once. */
  fields: string[];
}

/** What a server says. */
export type ServerMessage =
  | HelloMessage
  | AckMessage
  | DrainingMessage
  | ByeMessage;
/** What a client says. */
export type ClientMessage = VerifyMessage | FieldsMessage;

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
    case "draining":
      return isCount(value.seconds)
        ? {
          type: "draining",
          reason: String(value.reason),
          seconds: value.seconds,
        }
        : undefined;
    case "bye":
      return {
        type: "bye",
        reason: String(value.reason),
        code: BYE_CODES.find((code) => code === value.code) ?? "ended",
      };
  }
}

/** Reads a client's text message; `undefined` for anything else. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const value = parseObject(text);
  switch (value?.type) {
    case "verify":
      return { type: "verify" };
    case "fields":
      return areFields(value.fields)
        ? { type: "fields", fields: value.fields }
        : undefined;
  }
}

/** Names of at most 64 characters, at most 64 of them. */
function areFields(fields: unknown): fields is string[] {
  return Array.isArray(fields) && fields.length <= 64 &&
    new Set(fields).size === fields.length &&
    XYZ.every((name, i) => fields[i] === name) &&
    fields.every((name) => typeof name === "string" && name.length <= 64);
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

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isAck(value: object): value is AckMessage {
  const ack = value as Partial<AckMessage>;
  return [ack.frame, ack.points, ack.frames, ack.receivedAt, ack.heldMs]
    .every((n) => typeof n === "number" && Number.isFinite(n)) &&
    (ack.checksums === undefined || areChecksums(ack.checksums));
}

function areChecksums(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((pair) =>
      Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger)
    );
}
