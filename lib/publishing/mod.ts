/**
 * Publishing to a server: points from a source, with audio and video beside
 * them, over a connection that is made again when it is lost.
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
export { CombinedMedia, type NamedMedia } from "../media/combined_media.ts";
export type { CopiedCodec } from "../media/copied_video.ts";
export { FfmpegError, type FfmpegErrorReason } from "../media/ffmpeg_error.ts";
export {
  FileMedia,
  type FileMediaOptions,
  openFileMedia,
} from "../media/file_media.ts";
export { openMedia, type OpenMediaOptions } from "../media/open_media.ts";
export type { Copying } from "../media/live_copy.ts";
export type { LiveMediaOptions } from "../media/live_media.ts";
export {
  MediaInputError,
  type MediaInputOptions,
} from "../media/media_input.ts";
export type { VideoCodec } from "../media/ffmpeg_arguments.ts";
export type { MediaCodec, MediaKind } from "../media/frame.ts";
export type { MediaSource, MediaSourceEvents } from "../media/media_source.ts";
export type { MediaTrack } from "../media/media_track.ts";
export {
  type PushedFormat,
  PushedMedia,
  type PushedMediaOptions,
  type PushedPicture,
} from "../media/pushed_media.ts";
export { WorkerMedia, type WorkerMediaOptions } from "../media/worker_media.ts";
export type { BitrateRange } from "../media/rendition.ts";
export type { ClockPair, SenderReport } from "../media/rtp_clock.ts";
export * from "../points/essentials.ts";
export {
  type CloudEncoder,
  type EncodedCloud,
  FRAME_CODECS,
  type FrameCodec,
} from "../points/codec.ts";
export { createEncoder, type EncoderOptions } from "../points/codecs.ts";
export type {
  CloudiniCompression,
  CloudiniEncoderOptions,
  CloudiniEncoding,
} from "../points/cloudini/mod.ts";
export type { ZstdCompressor } from "../points/zstd/types.ts";
export { SignalingError } from "../signaling/errors.ts";
export { SourceError } from "../sources/errors.ts";
export { filesSource, type FilesSourceOptions } from "../sources/files.ts";
export type {
  PointSource,
  SourceCloud,
  TimedCloud,
} from "../sources/source.ts";
export { stdinSource, type StdinSourceOptions } from "../sources/stdin.ts";
export {
  type CloudSource,
  type LidarOptions,
  lidarSource,
} from "../sources/synthetic/lidar.ts";
export { randomSource } from "../sources/synthetic/random.ts";
export {
  ConnectionError,
  type ConnectionErrorReason,
} from "../transport/errors.ts";
export {
  CANDIDATE_SCOPES,
  type CandidateScope,
} from "../transport/ice/candidates.ts";
export type { IceServer, NetworkOptions } from "../transport/network.ts";
export type { VideoCodecName } from "../transport/peer.ts";
export type { Dialect } from "../wire/dialect.ts";
export type { LatencySummary } from "./ack_tracker.ts";
export type { AdaptationSummary } from "./adaptation/adaptation.ts";
export type { AdaptationLevel } from "./adaptation/levels.ts";
export {
  type Outage,
  publish,
  type PublishedSession,
  type PublishedStream,
  type PublishOptions,
  type PublishProgress,
  type PublishReport,
  type StreamReport,
} from "./publish.ts";
export type { StreamPlace } from "../wire/messages.ts";
export type { VideoAsked } from "./media_relay.ts";
export type { Verification } from "./verification.ts";
