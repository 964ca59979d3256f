/**
 * Frames of the `pointwire.v1` data channel protocol: each message is a 24-byte
 * header and then its part of an encoded cloud.
 *
 * | offset | type | what |
 * | --- | --- | --- |
 * | 0 | u8 | version, 1 |
 * | 1 | u8 | codec: 0 f32, 1 npy, 2 cloudini, 3 raw |
 * | 2 | u16 | flags, 0 |
 * | 4 | u32 | frame number, counts up from 0, wraps |
 * | 8 | u32 | points in the whole frame |
 * | 12 | u16 | this chunk's index |
 * | 14 | u16 | chunks in the frame |
 * | 16 | f64 | capture time, milliseconds since the Unix epoch |
 *
 * All numbers are little-endian.
 */
import type { CloudShape } from "../points/cloud.ts";
import { FRAME_CODECS, type FrameCodec } from "../points/codec.ts";
import { PointsError } from "../points/errors.ts";
import type { ClockOffset } from "./clock_offset.ts";
import type { StreamPlace } from "./stream_place.ts";

/** The data channel's protocol field for this framing. */
export const POINTS_PROTOCOL = "pointwire.v1";

/** Bytes of the header of each chunk. */
export const FRAME_HEADER_BYTES = 24;

/**
 * Most bytes of a chunk with its header, where the peer takes them: a DTLS
 * record of 2^14 bytes (RFC 8446) holds it with SCTP's 28 bytes of headers.
 */
export const CHUNK_BYTES = 16 * 1024 - 28;

/** What every chunk of a frame says of the whole. */
export interface FrameInfo {
  /** The frame's number: uint32, counts up from 0 and wraps. */
  number: number;
  /** How the cloud is encoded. */
  codec: FrameCodec;
  /** Points in the whole frame. */
  points: number;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
}

/** The header of one chunk. */
export interface ChunkHeader extends FrameInfo {
  /** Index of this chunk in its frame, from 0. */
  chunk: number;
  /** Chunks in the frame, at least 1. */
  chunks: number;
}

/**
 * A whole frame, made once where it comes and handed on as it is. It is plain
 * data and doesn't change.
 */
export interface EncodedFrame extends FrameInfo, CloudShape {
  /** Points in the whole frame: `width` times `height`. */
  points: number;
  /** The encoded cloud, without the chunks' headers. */
  bytes: Uint8Array;
  /** Name of the stream that it belongs to: the label of its data channel. */
  stream: string;
  /** Where its coordinates stand, where its publisher says. */
  place?: StreamPlace;
  /** How far its publisher's clock is ahead of this machine's, where known. */
  clock?: ClockOffset;
}

/**
 * When a frame was captured by this machine's clock, as far as it is known how
 * the two differ.
 *
 * @returns milliseconds since the Unix epoch.
 */
export function ownCaptureTime(
  { captureTime, clock }: Pick<EncodedFrame, "captureTime" | "clock">,
): number {
  return captureTime - (clock?.offset ?? 0);
}

/**
 * How long ago a frame was captured. It is less than 0 only where the clocks
 * differ by more than their comparison may be wrong by.
 *
 * @param now milliseconds since the Unix epoch, as are its captures.
 * @returns milliseconds.
 */
export function ageOf(
  frame: Pick<EncodedFrame, "captureTime" | "clock">,
  now: number,
): number {
  const age = now - ownCaptureTime(frame);
  const { error = 0 } = frame.clock ?? {};
  return age < 0 && age >= -error ? 0 : age;
}

const VERSION = 1;
const MAX_CHUNKS = 0xffff;

/** Writes a chunk's header into the first 24 bytes of `target`. */
export function writeChunkHeader(
  target: Uint8Array,
  header: ChunkHeader,
): void {
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  view.setUint8(0, VERSION);
  view.setUint8(1, FRAME_CODECS.indexOf(header.codec));
  view.setUint16(2, 0, true);
  view.setUint32(4, header.number, true);
  view.setUint32(8, header.points, true);
  view.setUint16(12, header.chunk, true);
  view.setUint16(14, header.chunks, true);
  view.setFloat64(16, header.captureTime, true);
}

/**
 * Reads a chunk's header.
 *
 * @throws {PointsError} `empty`, `length`, `header` or `unsupported`.
 */
export function readChunkHeader(message: Uint8Array): ChunkHeader {
  if (message.length === 0) {
    throw new PointsError("empty", "Cannot read a chunk: the message is empty");
  }
  if (message.length < FRAME_HEADER_BYTES) {
    throw new PointsError(
      "length",
      `Cannot read a chunk: ${message.length} bytes are fewer than the ` +
        `${FRAME_HEADER_BYTES} of its header`,
    );
  }
  const view = new DataView(
    message.buffer,
    message.byteOffset,
    FRAME_HEADER_BYTES,
  );
  const version = view.getUint8(0);
  if (version !== VERSION) {
    throw new PointsError(
      "unsupported",
      `Cannot read a chunk: version ${version}, expected ${VERSION}`,
    );
  }
  const codec = FRAME_CODECS[view.getUint8(1)];
  if (codec === undefined) {
    throw new PointsError(
      "unsupported",
      `Cannot read a chunk: unknown codec ${view.getUint8(1)}`,
    );
  }
  const flags = view.getUint16(2, true);
  if (flags !== 0) {
    throw new PointsError(
      "unsupported",
      `Cannot read a chunk: unknown flags 0x${flags.toString(16)}`,
    );
  }
  const header: ChunkHeader = {
    codec,
    number: view.getUint32(4, true),
    points: view.getUint32(8, true),
    chunk: view.getUint16(12, true),
    chunks: view.getUint16(14, true),
    captureTime: view.getFloat64(16, true),
  };
  if (header.chunk >= header.chunks) {
    throw new PointsError(
      "header",
      `Cannot read a chunk: index ${header.chunk} of ${header.chunks} chunks`,
    );
  }
  if (!Number.isFinite(header.captureTime)) {
    throw new PointsError(
      "header",
      `Cannot read a chunk: capture time ${header.captureTime}`,
    );
  }
  return header;
}

/**
 * Cuts an encoded cloud into messages of at most `maxMessageBytes`. Each is a
 * buffer of its own: a data channel keeps views of what it was given until the
 * peer has acknowledged it, so `encoded` may be reused once this is exhausted.
 *
 * @throws {PointsError} `too-large` when 65,535 messages don't hold it.
 */
export function* splitFrame(
  encoded: Uint8Array,
  info: FrameInfo,
  maxMessageBytes: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const room = maxMessageBytes - FRAME_HEADER_BYTES;
  const chunks = Math.max(1, Math.ceil(encoded.length / room));
  if (room < 1 || chunks > MAX_CHUNKS) {
    throw new PointsError(
      "too-large",
      `Cannot send a frame of ${encoded.length} bytes in messages of ` +
        `${maxMessageBytes} bytes: it takes more than ${MAX_CHUNKS} of them`,
    );
  }
  for (let chunk = 0; chunk < chunks; chunk++) {
    const part = encoded.subarray(chunk * room, (chunk + 1) * room);
    const message = new Uint8Array(FRAME_HEADER_BYTES + part.length);
    writeChunkHeader(message, { ...info, chunk, chunks });
    message.set(part, FRAME_HEADER_BYTES);
    yield message;
  }
}

/** Tells whether uint32 frame number `a` comes after `b` (RFC 1982). */
export function isNewerNumber(a: number, b: number): boolean {
  return a !== b && ((a - b) >>> 0) < 0x80000000;
}
