/**
 * What the two ends of a points channel say to each other: frames of the
 * `pointwire.v1` data channel protocol, their chunks, and the text messages
 * beside them. docs/wire.md describes every byte.
 *
 * This does no I/O, and runs in a browser too.
 *
 * @example Send a cloud in messages, and put them together again
 * ```ts
 * import {
 *   createEncoder,
 *   createDecoder,
 *   pointCloud,
 * } from "@pointwire/pointwire/points";
 * import {
 *   CHUNK_BYTES,
 *   FrameReassembler,
 *   joinParts,
 *   splitFrame,
 * } from "@pointwire/pointwire/wire";
 * import { assertEquals } from "@std/assert";
 *
 * const reassembler = new FrameReassembler({
 *   onFrame(frame) {
 *     const cloud = createDecoder(frame.codec).decode(joinParts(frame));
 *     assertEquals(cloud.points, 10_000);
 *   },
 *   onInvalid: (error) => console.warn(error.message),
 * });
 *
 * const cloud = pointCloud(new Float32Array(30_000));
 * const { codec, bytes } = createEncoder("f32").encode(cloud);
 * const info = {
 *   frame: 0,
 *   codec,
 *   points: cloud.points,
 *   captureTime: Date.now(),
 * };
 * for (const message of splitFrame(bytes, info, CHUNK_BYTES)) {
 *   reassembler.push(message);
 * }
 * ```
 *
 * @module
 */
export { FRAME_CODECS, type FrameCodec } from "../points/codec.ts";
export type { PointCloud } from "../points/cloud.ts";
export {
  FrameSizeError,
  PointsError,
  type PointsErrorReason,
} from "../points/errors.ts";
export type { Dialect } from "./dialect.ts";
export {
  CHUNK_BYTES,
  type ChunkHeader,
  type EncodedFrame,
  FRAME_HEADER_BYTES,
  type FrameInfo,
  isNewerFrame,
  joinParts,
  POINTS_PROTOCOL,
  readChunkHeader,
  splitFrame,
  writeChunkHeader,
} from "./frame.ts";
export { FrameDecoders } from "./frame_decoders.ts";
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
  type DrainingMessage,
  type FieldsMessage,
  type HelloMessage,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
  type VerifyMessage,
} from "./messages.ts";
