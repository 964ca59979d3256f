/**
 * The small JSON text messages that the two sides of a `pointwire.v1` channel
 * exchange beside the frames.
 */
import { foreignText } from "../foreign_text.ts";
import type { CloudLayout, Pose } from "../points/cloud.ts";
import { FIELD_TYPES, type PointField } from "../points/field.ts";
import type { ClockOffset } from "./clock_offset.ts";
import { POINTS_PROTOCOL } from "./frame.ts";
import { placeOf, type StreamPlace } from "./stream_place.ts";

export { placeOf, type StreamPlace } from "./stream_place.ts";

/** The server's first message: it speaks the protocol. */
export interface HelloMessage {
  /** Names the message. */
  type: "hello";
  /** The protocol that it speaks, version and all. */
  protocol: typeof POINTS_PROTOCOL;
  /** What a frame may have at the most; a server may not say it. */
  limits?: FrameLimits;
}

/** What a receiver takes of one frame. */
export interface FrameLimits {
  /** Most points. */
  framePoints: number;
  /** Most bytes, encoded and decoded alike. */
  frameBytes: number;
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

/**
 * Tells one who watches of a track of the session that it isn't sent, as it
 * doesn't take what that is in. It comes after `hello`, and later where the
 * publisher changes to such a codec.
 */
export interface UntakenMessage {
  /** Names the message. */
  type: "untaken";
  /** Index of the track in the session. */
  track: number;
  /** Picture or sound. */
  kind: "video" | "audio";
  /** What it is in, such as `H265`. */
  codec: string;
  /** A clause for people. */
  reason: string;
}

/**
 * Tells one who watches one moment on both clocks of a track that it is sent,
 * as its publisher's sender reports do (RFC 3550 section 6.4.1): which picture
 * was captured when. Browsers keep these reports to themselves.
 */
export interface TrackClockMessage {
  /** Names the message. */
  type: "track-clock";
  /** The `a=mid` of the track's section in the watcher's offer. */
  mid: string;
  /** The moment by the codec's clock; uint32, wraps. */
  rtpTimestamp: number;
  /** Hz of that clock. */
  clockRate: number;
  /** The moment by the publisher's clock, milliseconds since the epoch. */
  time: number;
}

/** Asks the server to put every frame's checksum into its acknowledgements. */
export interface VerifyMessage {
  /** Names the message. */
  type: "verify";
}

/**
 * Says how the points lie in the `f32` and `raw` frames that follow, which
 * don't say it themselves; without it they are float32 x, y, z.
 */
export interface FieldsMessage {
  /** Names the message. */
  type: "fields";
  /** The fields of a point; x, y and z among them, each name once. */
  fields: PointField[];
  /** Bytes from one point to the next. */
  stride: number;
  /** Rows of a frame, where there are more than one. */
  height?: number;
  /** Where the sensor stands, where it is known. */
  viewpoint?: Pose;
}

/**
 * Says where the coordinates of a stream stand, again when that changes: in
 * which frame they are (REP 105), and where that stands in its parent frame.
 * Without it nothing is known of that.
 */
export interface StreamMessage extends StreamPlace {
  /** Names the message. */
  type: "stream";
  /**
   * What the stream is called; a server says it to who watches, whose channel
   * may have another label.
   */
  name?: string;
}

/**
 * Asks the other side what time it is, and answers that (RFC 5905): all in
 * milliseconds since the epoch.
 */
export interface TimeMessage {
  /** Names the message. */
  type: "time";
  /** When the question was sent, by the clock of who asks. */
  origin: number;
  /** In an answer: when the question came, by the clock of who answers. */
  receive?: number;
  /** In an answer: when it was sent, by the same clock. */
  transmit?: number;
}

/** Tells who watches how the publisher's clock and the server's compare. */
export interface ClockMessage extends ClockOffset {
  /** Names the message; the publisher's is ahead by `offset`. */
  type: "clock";
}

/**
 * Says nothing: how long it takes to arrive shows the sender what the path
 * takes, before the first frame is.
 */
export interface ProbeMessage {
  /** Names the message. */
  type: "probe";
  /** Some characters. */
  padding: string;
}

/** What a server says. */
export type ServerMessage =
  | HelloMessage
  | AckMessage
  | ClockMessage
  | TimeMessage
  | TrackClockMessage
  | UntakenMessage
  | DrainingMessage
  | ByeMessage;
/** What a client says. */
export type ClientMessage =
  | StreamMessage
  | VerifyMessage
  | FieldsMessage
  | TimeMessage
  | ProbeMessage;

/**
 * Reads a server's text message; `undefined` for anything else. Its reasons are
 * fit to be shown.
 */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const value = parseObject(text);
  switch (value?.type) {
    case "hello":
      return value.protocol === POINTS_PROTOCOL
        ? {
          type: "hello",
          protocol: POINTS_PROTOCOL,
          ...(areLimits(value.limits) && { limits: value.limits }),
        }
        : undefined;
    case "ack":
      return isAck(value) ? value : undefined;
    case "clock": {
      const { offset, error } = value;
      return isNumber(offset) && isCount(error)
        ? { type: "clock", offset, error }
        : undefined;
    }
    case "time":
      return readTime(value);
    case "track-clock":
      return readTrackClock(value);
    case "untaken":
      return readUntaken(value);
    case "draining":
      return isCount(value.seconds)
        ? {
          type: "draining",
          reason: foreignText(String(value.reason)),
          seconds: value.seconds,
        }
        : undefined;
    case "bye":
      return {
        type: "bye",
        reason: foreignText(String(value.reason)),
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
    case "probe":
      return { type: "probe", padding: "" };
    case "fields":
      return readFields(value);
    case "stream":
      return readStream(value);
    case "time":
      return readTime(value);
  }
}

/** Makes the message that says how the points of a cloud lie. */
export function fieldsMessage(
  { fields, stride, height, viewpoint }: CloudLayout,
): FieldsMessage {
  return {
    type: "fields",
    fields: [...fields],
    stride,
    ...(height !== 1 && { height }),
    ...(viewpoint && { viewpoint }),
  };
}

/** Returns what a message says of how points lie. */
export function layoutOf(message: FieldsMessage): CloudLayout {
  const { fields, stride, height = 1, viewpoint } = message;
  return { fields, stride, height, ...(viewpoint && { viewpoint }) };
}

const MAX_FIELDS = 512;
const MAX_NAME_CHARACTERS = 64;
const MAX_FRAME_ID_CHARACTERS = 200;
const MAX_STRIDE = 64 * 1024;
const MAX_HEIGHT = 0xffffffff;

function readFields(
  { fields, stride, height, viewpoint }: Record<string, unknown>,
): FieldsMessage | undefined {
  const areSound = Array.isArray(fields) && fields.length <= MAX_FIELDS &&
    fields.every(isField) && isWhole(stride, MAX_STRIDE) &&
    (height === undefined || isWhole(height, MAX_HEIGHT)) &&
    (viewpoint === undefined || isPose(viewpoint));
  if (!areSound) return undefined;
  return {
    type: "fields",
    fields: fields.map(({ name, type, offset }) => ({ name, type, offset })),
    stride,
    ...(height !== undefined && { height }),
    ...(viewpoint !== undefined && { viewpoint }),
  };
}

function readStream(
  { name, frameId, parent, pose }: Record<string, unknown>,
): StreamMessage | undefined {
  const areSound = [name, frameId, parent].every((text) =>
    text === undefined ||
    typeof text === "string" && text.length <= MAX_FRAME_ID_CHARACTERS
  ) && (pose === undefined || isPose(pose));
  if (!areSound) return undefined;
  const said = { frameId, parent, pose } as StreamPlace;
  return {
    type: "stream",
    ...(name !== undefined && { name: name as string }),
    ...placeOf(said),
  };
}

function readTime(
  { origin, receive, transmit }: Record<string, unknown>,
): TimeMessage | undefined {
  if (!isNumber(origin)) return undefined;
  if (receive === undefined) return { type: "time", origin };
  return isNumber(receive) && isNumber(transmit)
    ? { type: "time", origin, receive, transmit }
    : undefined;
}

const MAX_MID_CHARACTERS = 32;

function readTrackClock(
  { mid, rtpTimestamp, clockRate, time }: Record<string, unknown>,
): TrackClockMessage | undefined {
  return typeof mid === "string" && mid.length <= MAX_MID_CHARACTERS &&
      isCount(rtpTimestamp) && isNumber(clockRate) && clockRate > 0 &&
      isNumber(time)
    ? { type: "track-clock", mid, rtpTimestamp, clockRate, time }
    : undefined;
}

const MAX_CODEC_CHARACTERS = 32;

function readUntaken(
  { track, kind, codec, reason }: Record<string, unknown>,
): UntakenMessage | undefined {
  const areSound = isCount(track) && (kind === "video" || kind === "audio") &&
    typeof codec === "string" && codec.length <= MAX_CODEC_CHARACTERS;
  if (!areSound) return undefined;
  return {
    ...{ type: "untaken", track, kind },
    codec: foreignText(codec),
    reason: foreignText(String(reason)),
  };
}

function isField(value: unknown): value is PointField {
  const { name, type, offset } = (value ?? {}) as Partial<PointField>;
  return typeof name === "string" && name.length <= MAX_NAME_CHARACTERS &&
    FIELD_TYPES.some((known) => known === type) &&
    (offset === 0 || isWhole(offset, MAX_STRIDE));
}

function isPose(value: unknown): value is Pose {
  const { translation, rotation } = (value ?? {}) as Partial<Pose>;
  return areNumbers(translation, 3) && areNumbers(rotation, 4);
}

function areNumbers(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length &&
    value.every(Number.isFinite);
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

function areLimits(value: unknown): value is FrameLimits {
  const { framePoints, frameBytes } = (value ?? {}) as Partial<FrameLimits>;
  return isCount(framePoints) && isCount(frameBytes);
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

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
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
