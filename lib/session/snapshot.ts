import type { HistogramCounts } from "../histogram.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import type { PointsCounters } from "./points_counters.ts";
import type { ClockOffset } from "../wire/clock_offset.ts";
import type { StreamPlace } from "../wire/messages.ts";
import type { TrackCounters } from "../transport/rtp/track_counters.ts";
import type { UnusedSection } from "../transport/sdp/foreign_offer.ts";

/** Where a session is in its life. */
export type SessionState = "connecting" | "connected" | "closed";

/** The points of a session. */
export interface PointsSnapshot extends PointsCounters {
  /** Mean encoded bytes of a point; null before the first. */
  bytesPerPoint: number | null;
}

/** One stream of a session, and where its coordinates stand. */
export interface StreamSnapshot extends PointsSnapshot, StreamPlace {
  /** What it is called: the label of its data channel. */
  name: string;
}

/** The video of a session: its tracks' counts together, the first's shape. */
export interface VideoSnapshot {
  /** `VP8`, `VP9`, `H264`, `H265` or `AV1`; null before the first packet. */
  codec: string | null;
  /** Pixels, read from the stream; null before the first keyframe. */
  width: number | null;
  /** Pixels, read from the stream; null before the first keyframe. */
  height: number | null;
  /** Whole frames. */
  frames: number;
  /** Those that can be decoded without another one. */
  keyframes: number;
  /** Bytes of the frames. */
  bytes: number;
  /** RTP packets that never came. */
  packetsLost: number;
}

/** The audio of a session: its tracks' counts together. */
export interface AudioSnapshot {
  /** `opus`; null before the first packet. */
  codec: string | null;
  /** Whole frames. */
  frames: number;
  /** Bytes of the frames. */
  bytes: number;
  /** RTP packets that never came. */
  packetsLost: number;
}

/** The network between the server and a session's peer. */
export interface LinkSnapshot {
  /** Of the last answered connectivity check; null before the first. */
  roundTripMs: number | null;
  /** All of them, seconds, in the ranges of `ROUND_TRIP_BOUNDS_S`. */
  roundTrips: HistogramCounts;
}

/** What a session's watchers were sent, past ones included. */
export type ForwardingCounters = {
  /** Whole frames that were sent. */
  framesSent: number;
  /** Whole frames that newer ones took the place of. */
  framesDropped: number;
  /** Bytes of the frames sent, with their headers. */
  bytesSent: number;
  /**
   * Tracks that a watcher would have been sent, if it took their codec: each
   * counts once for each watcher, and again where the codec changes to another
   * that it doesn't take.
   */
  tracksUntaken: number;
};

/** A session as `GET /sessions/ID` shows it: plain data. */
export interface SessionSnapshot {
  /** Tells the session from all others, past and to come. */
  id: string;
  /** What people, URLs and tokens call it; no other that lives is called so. */
  name: string;
  /** The session that it took the place of, where its client named one. */
  resumes: string | null;
  /** Where it is in its life. */
  state: SessionState;
  /** When its offer was answered, ISO 8601, UTC. */
  createdAt: string;
  /** The same of its connection; null before that. */
  connectedAt: string | null;
  /** The peer's address and port on the wire, once connected. */
  remoteAddress: string | null;
  /** The limit that it was ended for, where it was one. */
  brokenLimit: SessionLimit | null;
  /** How many watch it. */
  watchers: number;
  /** What all its watchers were sent. */
  forwarded: ForwardingCounters;
  /** The network between it and the server. */
  link: LinkSnapshot;
  /**
   * From a frame's capture to its being whole here, seconds, in the ranges of
   * `LATENCY_BOUNDS_S`; frames whose time of capture can't be true are left
   * out.
   */
  latency: HistogramCounts;
  /** How far the publisher's clock is ahead of the server's, where known. */
  clock: ClockOffset | null;
  /** The points of all its streams together. */
  points: PointsSnapshot;
  /** Its streams, in the order in which they came, 32 at the most. */
  streams: StreamSnapshot[];
  /** Its picture. */
  video: VideoSnapshot;
  /** Its sound. */
  audio: AudioSnapshot;
  /** Each received track. */
  tracks: TrackCounters[];
  /** Sections of its offer that nothing comes through, and why. */
  unusedSections: UnusedSection[];
}

/** Copies the counters, and says what a point costs. */
export function summarizePoints(counters: PointsCounters): PointsSnapshot {
  const { points, bytes } = counters;
  const mean = points === 0 ? null : Math.round(bytes / points * 1000) / 1000;
  return { ...structuredClone(counters), bytesPerPoint: mean };
}

/** Sums the video tracks up. */
export function summarizeVideo(tracks: TrackCounters[]): VideoSnapshot {
  const video = tracks.filter((track) => track.kind === "video");
  return {
    codec: video[0]?.codec ?? null,
    width: video[0]?.width ?? null,
    height: video[0]?.height ?? null,
    frames: sum(video, "frames"),
    keyframes: sum(video, "keyframes"),
    bytes: sum(video, "bytes"),
    packetsLost: sum(video, "packetsLost"),
  };
}

/** Sums the audio tracks up. */
export function summarizeAudio(tracks: TrackCounters[]): AudioSnapshot {
  const audio = tracks.filter((track) => track.kind === "audio");
  return {
    codec: audio[0]?.codec ?? null,
    frames: sum(audio, "frames"),
    bytes: sum(audio, "bytes"),
    packetsLost: sum(audio, "packetsLost"),
  };
}

function sum(
  tracks: TrackCounters[],
  name: "frames" | "keyframes" | "bytes" | "packetsLost",
): number {
  return tracks.reduce((total, track) => total + track[name], 0);
}
