/**
 * Receiving: a server that takes points, audio and video from publishers, and
 * hands them on to watchers.
 *
 * @module
 */
export { createAuthorize, type Credentials } from "../auth/authorize.ts";
export { CredentialsError } from "../auth/errors.ts";
export { InvalidTokenError, type JwtOptions, verifyJwt } from "../auth/jwt.ts";
export {
  type JwsHeader,
  type JwtKey,
  type JwtKeys,
  parseKeyFile,
  remoteKeys,
} from "../auth/jwt_key.ts";
export { parseTokenFile } from "../auth/token_file.ts";
export { type KnownToken, knownToken } from "../auth/tokens.ts";
export { type Bus, BusError, type Respond } from "../cluster/bus.ts";
export type { ClusterOptions } from "../cluster/cluster_host.ts";
export type { HistogramCounts } from "../histogram.ts";
export {
  HOST_ERROR_CODES,
  HostError,
  type HostErrorCode,
} from "../hosting/host_error.ts";
export type { RecordingControl } from "../hosting/recording_control.ts";
export type {
  Answered,
  ClosedWatcher,
  HostObserver,
  PublishRequest,
  SessionHost,
  WatchRequest,
  WorkerHealth,
} from "../hosting/session_host.ts";
export { WorkerHost } from "../hosting/worker_host.ts";
export type { WorkerSettings } from "../hosting/worker_messages.ts";
export type { WorkerHostOptions } from "../hosting/worker_pool.ts";
export { LimitCounters } from "../limits/limit_counters.ts";
export {
  type LimitName,
  REQUEST_LIMITS,
  type RequestLimit,
  SESSION_LIMITS,
  type SessionLimit,
} from "../limits/limit_name.ts";
export type { RequestLimits } from "../limits/request_limits.ts";
export type { SessionLimits } from "../limits/session_limits.ts";
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
export type { PointsErrorReason } from "../points/errors.ts";
export type { Box, Selection } from "../points/select.ts";
export type { PointsCounters } from "../session/points_counters.ts";
export type { SessionSettings } from "../session/registry.ts";
export type { SessionEvents } from "../session/session.ts";
export type {
  AudioSnapshot,
  ForwardingCounters,
  LinkSnapshot,
  PointsSnapshot,
  SessionSnapshot,
  SessionState,
  StreamSnapshot,
  VideoSnapshot,
} from "../session/snapshot.ts";
export type { TrackCounters } from "../transport/rtp/track_counters.ts";
export {
  CANDIDATE_SCOPES,
  type CandidateScope,
} from "../transport/ice/candidates.ts";
export type { IceServer, NetworkOptions } from "../transport/network.ts";
export type { UnusedSection } from "../transport/sdp/foreign_offer.ts";
export type { Dialect } from "../wire/dialect.ts";
export type { ClockOffset } from "../wire/clock_offset.ts";
export {
  type EncodedFrame,
  type FrameInfo,
  ownCaptureTime,
} from "../wire/frame.ts";
export { BYE_CODES, type ByeCode, type StreamPlace } from "../wire/messages.ts";
export type { Access, Authorize, Right, Scope } from "./access.ts";
export { PROXY_FIELDS, type ProxyField } from "./forwarded.ts";
export type { TlsIdentity } from "./http_listener.ts";
export { ListenError } from "./listen_error.ts";
export {
  type HostOptions,
  type ListenOptions,
  type OwnSessionsOptions,
  PointServer,
  type PointServerOptions,
} from "./point_server.ts";
export { HttpProblem, type ProblemOptions } from "./problem.ts";
export type {
  RecordingCounters,
  RecordingTotals,
} from "../recording/recording_options.ts";
