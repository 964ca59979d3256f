/**
 * Watches a session of a pointwire server: its points, and audio and video
 * beside them, over WebRTC (WHEP).
 *
 * @module
 */
export { createLogger, LOG_FORMATS, LOG_LEVELS } from "../log.ts";
export type {
  LogFields,
  LogFormat,
  Logger,
  LoggerOptions,
  LogLevel,
} from "../log.ts";
export type { MediaCodec, MediaFrame, MediaKind } from "../media/frame.ts";
export * from "../points/essentials.ts";
export { FRAME_CODECS, type FrameCodec } from "../points/codec.ts";
export type { Box, Selection } from "../points/select.ts";
export type { AskOptions } from "../signaling/ask.ts";
export { SignalingError } from "../signaling/errors.ts";
export {
  ConnectionError,
  type ConnectionErrorReason,
} from "../transport/errors.ts";
export {
  CANDIDATE_SCOPES,
  type CandidateScope,
} from "../transport/ice/candidates.ts";
export type { IceServer, NetworkOptions } from "../transport/network.ts";
export type { ClockOffset } from "../wire/clock_offset.ts";
export {
  type EncodedFrame,
  type FrameInfo,
  ownCaptureTime,
} from "../wire/frame.ts";
export { BYE_CODES, type ByeCode, type StreamPlace } from "../wire/messages.ts";
export type { WatchEnd } from "./connection.ts";
export { NoSessionError } from "./errors.ts";
export { follow } from "./follow.ts";
export type { WatchCounters } from "./frame_receiver.ts";
export { watch, type WatchOptions } from "./watch.ts";
export {
  type WatchedCloud,
  WatchedSession,
  type WatchEvents,
} from "./watched_session.ts";
