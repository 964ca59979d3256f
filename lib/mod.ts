/**
 * pointwire sends live 3D points, with audio and video beside them, over
 * WebRTC.
 *
 * A server receives with {@linkcode PointServer}, a program that has points
 * sends them with {@linkcode publish}, and one that wants them takes them with
 * {@linkcode watch}.
 *
 * @module
 */
export type { SessionHost } from "./hosting/session_host.ts";
export { WorkerHost } from "./hosting/worker_host.ts";
export { LimitCounters } from "./limits/limit_counters.ts";
export type { LimitName } from "./limits/limit_name.ts";
export type { RequestLimits } from "./limits/request_limits.ts";
export type { SessionLimits } from "./limits/session_limits.ts";
export { createLogger, type Logger, type LoggerOptions } from "./log.ts";
export { FfmpegError } from "./media/ffmpeg.ts";
export {
  type FileMedia,
  type FileMediaOptions,
  openFileMedia,
} from "./media/file_media.ts";
export type { MediaCodec, MediaFrame, MediaKind } from "./media/frame.ts";
export type { MediaSource, MediaSourceEvents } from "./media/media_source.ts";
export type { MediaTrack } from "./media/media_track.ts";
export type { SenderReport } from "./media/rtp_input.ts";
export { createAuthorize, type Credentials } from "./auth/authorize.ts";
export { CredentialsError } from "./auth/errors.ts";
export { InvalidTokenError, type JwtOptions, verifyJwt } from "./auth/jwt.ts";
export { type JwtKeys, parseKeyFile, remoteKeys } from "./auth/jwt_key.ts";
export { parseTokenFile } from "./auth/token_file.ts";
export { type KnownToken, knownToken } from "./auth/tokens.ts";
export {
  ListenError,
  PointServer,
  type PointServerOptions,
} from "./serving/point_server.ts";
export type { WatchEnd } from "./playing/connection.ts";
export { NoSessionError } from "./playing/errors.ts";
export type { WatchCounters } from "./playing/frame_receiver.ts";
export { watch, type WatchOptions } from "./playing/watch.ts";
export {
  type WatchedCloud,
  WatchedSession,
  type WatchEvents,
} from "./playing/watched_session.ts";
export {
  type PointCloud,
  pointCloud,
  selectFields,
  XYZ,
} from "./points/cloud.ts";
export type {
  CloudDecoder,
  CloudEncoder,
  EncodedCloud,
} from "./points/codec.ts";
export {
  createDecoder,
  createEncoder,
  type DecoderOptions,
  type EncoderOptions,
} from "./points/codecs.ts";
export { PointsError, type PointsErrorReason } from "./points/errors.ts";
export { decodeFile, encodeFile, FILE_EXTENSIONS } from "./points/formats.ts";
export { zstdCompress, zstdDecompress } from "./points/zstd_node.ts";
export {
  type Outage,
  publish,
  type PublishOptions,
  type PublishProgress,
  type PublishReport,
} from "./publishing/publish.ts";
export type { AdaptationSummary } from "./publishing/adaptation/adaptation.ts";
export type { AdaptationLevel } from "./publishing/adaptation/levels.ts";
export type { Dialect } from "./wire/dialect.ts";
export type { EncodedFrame, FrameInfo } from "./wire/frame.ts";
export type { SessionEvents } from "./session/session.ts";
export type { SessionSnapshot } from "./session/snapshot.ts";
export type { Access, Authorize, Right, Scope } from "./serving/access.ts";
export type { TlsIdentity } from "./serving/http_listener.ts";
export { HttpProblem } from "./serving/problem.ts";
export { SignalingError } from "./signaling/errors.ts";
export { SourceError } from "./sources/errors.ts";
export { filesSource } from "./sources/files.ts";
export { lidarSource } from "./sources/synthetic/lidar.ts";
export { randomSource } from "./sources/synthetic/random.ts";
export type { PointSource, SourceCloud, TimedCloud } from "./sources/source.ts";
export { stdinSource } from "./sources/stdin.ts";
export { ConnectionError } from "./transport/errors.ts";
export type { IceServer, NetworkOptions } from "./transport/network.ts";
