/**
 * What the two ends of a points channel say to each other: frames of the
 * `pointwire.v1` data channel protocol, their chunks, and the text messages
 * beside them. docs/wire.md describes every byte.
 *
 * This does no I/O, and runs in a browser too.
 *
 * @example Send a cloud in messages, and put them together again
 * ```ts
 * import { createEncoder, pointCloud } from "@pointwire/pointwire/points";
 * import {
 *   CHUNK_BYTES,
 *   FrameReader,
 *   FrameReassembler,
 *   splitFrame,
 * } from "@pointwire/pointwire/wire";
 * import { assertEquals } from "@std/assert";
 *
 * const cloud = pointCloud(new Float32Array(30_000));
 * const reader = new FrameReader("points");
 * const reassembler = new FrameReassembler({
 *   onFrame(info, bytes) {
 *     const frame = reader.read(info, bytes);
 *     assertEquals(reader.decode(frame), cloud);
 *   },
 *   onInvalid: (error) => console.warn(error.message),
 * });
 *
 * const { codec, bytes } = createEncoder("f32").encode(cloud);
 * const { points } = cloud;
 * const info = { number: 0, codec, points, captureTime: Date.now() };
 * for (const message of splitFrame(bytes, info, CHUNK_BYTES)) {
 *   reassembler.push(message);
 * }
 * ```
 *
 * @module
 */
export { FRAME_CODECS, type FrameCodec } from "../points/codec.ts";
export * from "../points/essentials.ts";
export {
  FrameSizeError,
  PointsError,
  type PointsErrorReason,
} from "../points/errors.ts";
export { ClockAnswerer, ClockAsker } from "./clock_asker.ts";
export { addOffsets, type ClockOffset } from "./clock_offset.ts";
export type { Dialect } from "./dialect.ts";
export type { Drain } from "./drain_meter.ts";
export {
  CHUNK_BYTES,
  type ChunkHeader,
  type EncodedFrame,
  FRAME_HEADER_BYTES,
  type FrameInfo,
  isNewerNumber,
  ownCaptureTime,
  POINTS_PROTOCOL,
  readChunkHeader,
  splitFrame,
  writeChunkHeader,
} from "./frame.ts";
export {
  type BegunFrame,
  type FrameChannel,
  FrameQueue,
  type FrameQueueCounters,
  type FrameQueueOptions,
  highWaterBytes,
  type QueuedFrame,
} from "./frame_queue.ts";
export type { CloudDecoder } from "../points/codec.ts";
export { FrameDecoders } from "./frame_decoders.ts";
export { FrameReader, type FrameReaderOptions } from "./frame_reader.ts";
export {
  FrameReassembler,
  type FrameReassemblerOptions,
} from "./frame_reassembler.ts";
export {
  type AckMessage,
  BYE_CODES,
  type ByeCode,
  type ByeMessage,
  type ClientMessage,
  type ClockMessage,
  type DrainingMessage,
  type FieldsMessage,
  fieldsMessage,
  type FrameLimits,
  type HelloMessage,
  layoutOf,
  parseClientMessage,
  parseServerMessage,
  placeOf,
  type ProbeMessage,
  type ServerMessage,
  type StreamMessage,
  type StreamPlace,
  type TimeMessage,
  type TrackClockMessage,
  type UntakenMessage,
  type VerifyMessage,
} from "./messages.ts";
