import type { LatencySummary } from "./ack_tracker.ts";
import type { AdaptationSummary } from "./adaptation/adaptation.ts";
import type { AdaptationLevel } from "./adaptation/levels.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { VideoAsked } from "./media_relay.ts";
import type { Uplink, UplinkOutage } from "./uplink.ts";
import type { Verification } from "./verification.ts";

/** How publishing goes. */
export interface PublishProgress {
  /** Seconds since the first frame. */
  seconds: number;
  /** Frames that were handed to the network. */
  framesSent: number;
  /** Frames that newer ones took the place of, or that an outage cost. */
  framesDropped: number;
  /** Points of the frames sent. */
  pointsSent: number;
  /** Bytes of the frames sent, with their headers. */
  bytesSent: number;
  /** Bytes that wait for the network. */
  queuedBytes: number;
  /** Of the last answered connectivity check; none before the first. */
  roundTripMs?: number;
  /** How much of each cloud is sent, where that may be less than all. */
  level?: AdaptationLevel;
  /** What video is asked to take, where that follows the path. */
  videoBitrate?: VideoAsked;
  /** While there is no connection: for how many seconds, and why. */
  outage?: { seconds: number; reason: string };
}

/** A time without a connection. */
export interface Outage {
  /**
   * When it began, seconds since the first frame: the last sign of life of a
   * connection that fell silent.
   */
  startedAt: number;
  /** How long it lasted, or until publishing ended. */
  seconds: number;
  /** How the connection was lost, in one sentence. */
  reason: string;
  /** Frames that were captured in that time and not sent. */
  framesDropped: number;
  /** Frames that were under way, and may have arrived. */
  framesUnacknowledged: number;
}

/** One stream of what was published. */
export interface StreamReport {
  /** What it is called. */
  name: string;
  /** Frames that were handed to the network. */
  framesSent: number;
  /** Frames that the server says it has whole. */
  framesAcked: number;
  /** Frames that were not sent, those of the outages included. */
  framesDropped: number;
  /** Mean points of a frame sent. */
  pointsPerFrame: number;
  /** Bytes of the frames sent, with their headers. */
  bytesSent: number;
  /** From a frame's capture to its being whole at the server. */
  latencyMs: LatencySummary;
  /** How much of each cloud was sent, where that could be less than all. */
  adaptation?: AdaptationSummary;
}

/** What was published, and what of it arrived; numbers are of all streams. */
export interface PublishReport {
  /** The last session's id; a server that isn't pointwire's names none. */
  session: string | null;
  /** What it is called. */
  name: string | null;
  /** How the points travelled. */
  dialect: Dialect;
  /** Frames that were handed to the network. */
  framesSent: number;
  /** Frames that the server says it has whole. */
  framesAcked: number;
  /** Frames that were not sent, those of the outages included. */
  framesDropped: number;
  /** Mean points of a frame sent. */
  pointsPerFrame: number;
  /** Bytes of the frames sent, with their headers. */
  bytesSent: number;
  /** Files, or a cut-off last frame, that were passed over. */
  filesSkipped?: number;
  /** Seconds from the first frame to the end. */
  seconds: number;
  /** From a frame's capture to its being whole at the server. */
  latencyMs: LatencySummary;
  /** RTP packets of the picture, and what it was asked to take. */
  video: { packets: number; bitrate?: VideoAsked };
  /** RTP packets of the sound that were sent. */
  audio: { packets: number };
  /** The times without a connection, oldest first. */
  outages: Outage[];
  /** Each stream of points by itself. */
  streams: StreamReport[];
  /** Where asked for: how what arrived compares with the source. */
  verified?: Verification;
  /** Why it ended early or not all arrived; none when all was delivered. */
  failure?: string;
}

/** What progress and report say of an uplink. */
export type ReportedUplink = Pick<
  Uplink,
  | "session"
  | "name"
  | "dialect"
  | "counters"
  | "packets"
  | "tracker"
  | "framesAcked"
  | "queuedBytes"
  | "roundTripMs"
  | "outage"
  | "outages"
  | "streams"
>;

/** When the first frame was, and what time it is; milliseconds. */
export interface Span {
  started: number;
  now: number;
}

/** Tells how publishing goes. */
export function progressOf(
  uplink: ReportedUplink,
  { started, now }: Span,
): PublishProgress {
  const { counters, queuedBytes, roundTripMs, outage } = uplink;
  return {
    ...counters,
    seconds: (now - started) / 1000,
    queuedBytes,
    roundTripMs,
    outage: outage && {
      seconds: (now - outage.startedAt) / 1000,
      reason: outage.reason,
    },
  };
}

/** Sums up what was published. */
export function reportOf(
  uplink: ReportedUplink,
  { started, now }: Span,
): PublishReport {
  const { packets, dialect } = uplink;
  return {
    session: uplink.session ?? null,
    name: uplink.name ?? null,
    dialect,
    ...sumUp(uplink),
    seconds: secondsBetween(started, now),
    video: { packets: packets.video },
    audio: { packets: packets.audio },
    outages: uplink.outages.map((outage) => outageOf(outage, started)),
    streams: uplink.streams.map((stream) => ({
      name: stream.name,
      ...sumUp(stream),
    })),
  };
}

/** What is told of a stream, and of all of them. */
function sumUp(
  { counters, framesAcked, tracker }: Pick<
    Uplink,
    "counters" | "framesAcked" | "tracker"
  >,
): Omit<StreamReport, "name"> {
  const { framesSent, framesDropped, pointsSent, bytesSent } = counters;
  return {
    ...{ framesSent, framesAcked, framesDropped },
    pointsPerFrame: Math.round(pointsSent / Math.max(1, framesSent)),
    bytesSent,
    latencyMs: tracker.latency(),
  };
}

function outageOf(outage: UplinkOutage, started: number): Outage {
  const { startedAt, endedAt = startedAt, reason } = outage;
  const { framesDropped, framesUnacknowledged } = outage;
  return {
    startedAt: Math.max(0, secondsBetween(started, startedAt)),
    seconds: secondsBetween(startedAt, endedAt),
    reason,
    framesDropped,
    framesUnacknowledged,
  };
}

/** Rounded to milliseconds. */
function secondsBetween(from: number, to: number): number {
  return Math.round(to - from) / 1000;
}

/**
 * Tells what keeps a finished report from "all was delivered". An outage alone
 * doesn't, since publishing goes on after it; the frames that it cost do.
 *
 * @param verify whether the server was to verify what arrived.
 * @returns a sentence, or nothing where all was delivered.
 */
export function shortfall(
  report: PublishReport,
  verify: boolean,
): string | undefined {
  const { framesSent, framesAcked, framesDropped } = report;
  const { verified, filesSkipped } = report;
  if (framesDropped > 0) return dropped(report);
  if (framesAcked < framesSent) {
    return `${framesSent - framesAcked} of ${framesSent} frames were not ` +
      `acknowledged by the server`;
  }
  if (filesSkipped) {
    return `${filesSkipped} of the source's clouds could not be read; ` +
      `the warnings say why`;
  }
  if (verify && verified === undefined) {
    return "The server can't verify what arrived: " +
      "it doesn't speak pointwire.v1";
  }
  if (verified && verified.mismatched > 0) {
    return `${verified.mismatched} of ${framesSent} frames arrived changed`;
  }
  if (verified && verified.differing.length > 0) {
    return `What arrived differs from the source in ` +
      verified.differing.join(", ");
  }
}

/** Sums up the outages of a report. */
export function totalOutage(
  { outages }: Pick<PublishReport, "outages">,
): Pick<Outage, "seconds" | "framesDropped" | "framesUnacknowledged"> {
  const total = { seconds: 0, framesDropped: 0, framesUnacknowledged: 0 };
  for (const { seconds, framesDropped, framesUnacknowledged } of outages) {
    total.seconds += seconds;
    total.framesDropped += framesDropped;
    total.framesUnacknowledged += framesUnacknowledged;
  }
  return total;
}

function dropped(report: PublishReport): string {
  const { framesSent, framesDropped } = report;
  const total = framesSent + framesDropped;
  const { framesDropped: inOutages, seconds } = totalOutage(report);
  const of = `${framesDropped} of ${total} frames were dropped`;
  const slow = "the network could not keep up";
  if (inOutages === 0) return `${of} because ${slow}`;
  const gone = `there was no connection for ${seconds.toFixed(1)} s`;
  if (inOutages === framesDropped) return `${of} because ${gone}`;
  return `${of}: ${inOutages} because ${gone}, the others because ${slow}`;
}
