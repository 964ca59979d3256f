/**
 * All that a session has, in one stream of bytes, such as a body of HTTP:
 * records of the messages of its streams of points, its pictures and its sound.
 * Each begins with a header; all numbers are little-endian.
 *
 * | offset | type | what                                   |
 * | ------ | ---- | -------------------------------------- |
 * | 0      | u32  | bytes of the record after its header   |
 * | 4      | u8   | kind: 0 text, 1 points, 2 media        |
 * | 5      | u8   | flags: 1 for a keyframe of a picture   |
 * | 6      | u16  | number of its stream, or of its track  |
 */
import type { SessionMessage } from "./session_messages.ts";

/** The media type of such a stream of bytes. */
export const SESSION_MEDIA_TYPE = "application/vnd.pointwire.session";

/** Bytes of a record's header. */
export const RECORD_HEADER_BYTES = 8;

/** Bytes of the capture time that a record of media begins with. */
const TIME_BYTES = 8;

const KINDS = ["text", "points", "media"] as const;
const KEYFRAME = 1;

/** What a record's header says. */
export interface RecordHeader {
  /** Nothing for one that a newer server has, to be passed over. */
  kind: typeof KINDS[number] | undefined;
  /** Of the record, after its header. */
  bytes: number;
  isKeyframe: boolean;
  /** Number of the stream, or of the track, that it is of. */
  of: number;
}

/** A record, in the parts that it is put together from. */
export type RecordParts = Uint8Array[];

/** Writes a message of the session. */
export function textRecord(message: SessionMessage): RecordParts {
  const text = new TextEncoder().encode(JSON.stringify(message));
  return [header({ kind: "text", bytes: text.length }), text];
}

/**
 * Writes a message of a stream of points, as on its data channel.
 *
 * @param of number of the stream.
 */
export function pointsRecord(
  of: number,
  message: Uint8Array | object,
): RecordParts {
  const bytes = message instanceof Uint8Array
    ? message
    : new TextEncoder().encode(JSON.stringify(message));
  return [header({ kind: "points", bytes: bytes.length, of }), bytes];
}

/** Sound or a picture, and when it was captured. */
export interface MediaRecord {
  isKeyframe: boolean;
  /** Milliseconds since the Unix epoch, by the publisher's clock. */
  captureTime: number;
  data: Uint8Array;
}

/**
 * Writes sound or a picture.
 *
 * @param of number of the track.
 */
export function mediaRecord(
  of: number,
  { isKeyframe, captureTime, data }: MediaRecord,
): RecordParts {
  const bytes = TIME_BYTES + data.length;
  const head = header({ kind: "media", bytes, isKeyframe, of }, TIME_BYTES);
  new DataView(head.buffer).setFloat64(RECORD_HEADER_BYTES, captureTime, true);
  return [head, data];
}

function header(
  { kind, bytes, isKeyframe = false, of = 0 }: {
    kind: typeof KINDS[number];
    bytes: number;
    isKeyframe?: boolean;
    of?: number;
  },
  room = 0,
): Uint8Array<ArrayBuffer> {
  const written = new Uint8Array(RECORD_HEADER_BYTES + room);
  const view = new DataView(written.buffer);
  view.setUint32(0, bytes, true);
  view.setUint8(4, KINDS.indexOf(kind));
  view.setUint8(5, isKeyframe ? KEYFRAME : 0);
  view.setUint16(6, of, true);
  return written;
}

/** Reads a record's header. */
export function readRecordHeader(bytes: Uint8Array): RecordHeader {
  const view = new DataView(
    bytes.buffer,
    bytes.byteOffset,
    RECORD_HEADER_BYTES,
  );
  return {
    bytes: view.getUint32(0, true),
    kind: KINDS.at(view.getUint8(4)),
    isKeyframe: (view.getUint8(5) & KEYFRAME) !== 0,
    of: view.getUint16(6, true),
  };
}

/** Reads when what a record of media has was captured, and that. */
export function readMedia(
  record: Uint8Array<ArrayBuffer>,
): { captureTime: number; data: Uint8Array<ArrayBuffer> } | undefined {
  if (record.length < TIME_BYTES) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, TIME_BYTES);
  const captureTime = view.getFloat64(0, true);
  return Number.isFinite(captureTime)
    ? { captureTime, data: record.subarray(TIME_BYTES) }
    : undefined;
}
