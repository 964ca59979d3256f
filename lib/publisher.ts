import { setTimeout as delay } from "node:timers/promises";
import type { RTCPeerConnection } from "werift";
import { settlesWithin, unlessAborted } from "./async.ts";
import type { Logger } from "./log.ts";
import type { CloudEncoder } from "./points/codec.ts";
import { F32Encoder } from "./points/f32_codec.ts";
import type { FileMedia } from "./media/file_media.ts";
import type { LatencySummary, Verification } from "./session/ack_tracker.ts";
import { MediaSender } from "./session/media_sender.ts";
import type { Dialect } from "./session/points_receiver.ts";
import { PointsSender } from "./session/points_sender.ts";
import { isLoopback } from "./signaling/address.ts";
import { postOffer, SignalingError } from "./signaling/post_offer.ts";
import type { PointSource } from "./sources/source.ts";
import { ConnectionError } from "./transport/errors.ts";
import { LinkMonitor } from "./transport/link_monitor.ts";
import {
  createPeer,
  type VideoCodecName,
  whenConnected,
} from "./transport/peer.ts";

export interface PublishOptions {
  /** URL of the server's offer endpoint. */
  signaling: string;
  /** Where the clouds come from; disposed of at the end. */
  source: PointSource;
  /** How they become bytes in the `pointwire` dialect. @default {f32} */
  encoder?: CloudEncoder;
  /** Clouds a second; 0 takes them as they come. */
  rate: number;
  /** Seconds to publish for; 0 goes on until `signal` is aborted. */
  duration: number;
  /** Audio and video to publish beside the points; disposed of at the end. */
  media?: FileMedia;
  /** Codec of the media's video. @default {"vp8"} */
  videoCodec?: VideoCodecName;
  /** @default {"pointwire"} */
  dialect?: Dialect;
  /** Compares each frame's checksum with the server's. @default {false} */
  verify?: boolean;
  /** Ends the publishing, in order. */
  signal?: AbortSignal;
  log: Logger;
  /** Is told four times a second how it goes. */
  onProgress?(progress: PublishProgress): void;
}

/** How publishing goes. */
export interface PublishProgress {
  /** Seconds since the first frame. */
  seconds: number;
  framesSent: number;
  framesDropped: number;
  pointsSent: number;
  bytesSent: number;
  queuedBytes: number;
  roundTripMs?: number;
}

/** What was published, and what of it arrived. */
export interface PublishReport {
  /** The session's id; a server that isn't pointwire's names none. */
  session: string | null;
  dialect: Dialect;
  framesSent: number;
  framesAcked: number;
  framesDropped: number;
  /** Mean points of a frame sent. */
  pointsPerFrame: number;
  bytesSent: number;
  /** Files, or a cut-off last frame, that were passed over. */
  filesSkipped?: number;
  /** Seconds from the first frame to the end. */
  seconds: number;
  latencyMs: LatencySummary;
  video: { packets: number };
  audio: { packets: number };
  /** Where asked for: what the compared checksums showed. */
  verified?: Verification;
  /** Why it ended early or not all arrived; none when all was delivered. */
  failure?: string;
}

const CONNECT_TIMEOUT_MS = 30_000;
/** Time for the first packet of the media, before the points start anyway. */
const MEDIA_START_MS = 5_000;
/** Lateness that is made up for; a source that falls behind more sets the pace. */
const CATCH_UP_MS = 1_000;
const PROGRESS_INTERVAL_MS = 250;
/** Time for the last frames to be acknowledged, while some still are. */
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Publishes points, and audio and video beside them, to a server.
 *
 * @throws {SignalingError} when the server can't be asked or says no.
 * @throws {ConnectionError} when no connection is made, or it is lost before the
 * first frame; what happens to it later is told in the report's `failure`.
 * @throws the signal's reason when it is aborted before the first frame.
 */
export async function publish(options: PublishOptions): Promise<PublishReport> {
  const { signaling, media, videoCodec = "vp8", log } = options;
  const signal = options.signal ?? new AbortController().signal;
  const peer = createPeer({
    loopback: isLoopback(new URL(signaling).hostname),
    videoCodecs: [videoCodec],
    onError: (error) => log.warn("the server's message was refused", { error }),
  });
  // What is disposed of last was put in first.
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => peer.close());
  cleanup.use(media);
  cleanup.defer(() => options.source[Symbol.asyncDispose]?.());
  const mediaSender = media && new MediaSender(peer, media);
  const encoder = options.encoder ?? new F32Encoder();
  const points = new PointsSender(peer, { ...options, encoder });
  const session = await connect(peer, signaling, signal);
  const link = cleanup.use(new LinkMonitor(peer));
  const gone = whenGone(points, link);
  const stop = AbortSignal.any([signal, gone]);
  await points.open(link, stop);
  log.info("connected", { session, dialect: points.dialect });

  const mediaFailure = media && startMedia(media, mediaSender!, log);
  let started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const timer = setInterval(() => {
    const { counters, queuedBytes } = points;
    const { roundTripMs } = link.stats;
    const progress = { seconds: seconds(), queuedBytes, roundTripMs };
    options.onProgress?.({ ...counters, ...progress });
  }, PROGRESS_INTERVAL_MS);
  try {
    // Encoders take the machine while they start; points would be late.
    const mediaStarted = mediaSender?.started ?? Promise.resolve();
    await settlesWithin(MEDIA_START_MS, mediaStarted, stop);
    started = performance.now();
    await sendFrames(points, options, stop);
    await whenAcknowledged(points, stop);
  } catch (error) {
    // Asked to stop, or lost the server: the report tells which.
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(timer);
  }

  const { framesSent, framesDropped, pointsSent, bytesSent } = points.counters;
  const report: PublishReport = {
    session: session ?? null,
    dialect: points.dialect,
    framesSent,
    framesAcked: points.framesAcked,
    framesDropped,
    pointsPerFrame: Math.round(pointsSent / Math.max(1, framesSent)),
    bytesSent,
    seconds: Math.round(seconds() * 1000) / 1000,
    latencyMs: points.tracker.latency(),
    video: { packets: mediaSender?.packets.video ?? 0 },
    audio: { packets: mediaSender?.packets.audio ?? 0 },
  };
  const { skipped } = options.source;
  if (skipped) report.filesSkipped = skipped;
  if (options.verify && points.dialect === "pointwire") {
    report.verified = points.tracker.verification;
  }
  const failure = gone.aborted
    ? gone.reason.message
    : points.unsendable ?? mediaFailure?.() ??
      (signal.aborted ? undefined : shortfall(report, options.verify === true));
  return failure === undefined ? report : { ...report, failure };
}

/** Makes a signal that is aborted with the reason when the server is gone. */
function whenGone(points: PointsSender, link: LinkMonitor): AbortSignal {
  const gone = new AbortController();
  const lost = link.lost.then((how) => `The server was lost: ${how}`);
  void Promise.race([points.closed, lost]).then((why) =>
    gone.abort(new ConnectionError("closed", why))
  );
  return gone.signal;
}

/**
 * Starts the media.
 *
 * @returns what tells why it stopped, where it did.
 */
function startMedia(
  media: FileMedia,
  sender: MediaSender,
  log: Logger,
): () => string | undefined {
  let failure: string | undefined;
  sender.start();
  media.ended.catch((error) => {
    log.error("the media stopped; the points go on", { error });
    failure = `The media stopped: ${error.message}`;
  });
  return () => failure;
}

/**
 * Makes the offer, posts it, and waits until ICE and DTLS are up.
 *
 * @returns the id of the session, where the server names one.
 */
async function connect(
  peer: RTCPeerConnection,
  signaling: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  await peer.setLocalDescription(await peer.createOffer());
  const { sdp } = peer.localDescription!;
  const answer = await postOffer(signaling, sdp, { signal });
  try {
    await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  } catch (cause) {
    throw new SignalingError(
      `${signaling} answered with an SDP that can't be used: ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
  await whenConnected(peer, { timeoutMs: CONNECT_TIMEOUT_MS, signal });
  return answer.session;
}

/** Sends clouds at the rate until the duration is over or `signal` aborts. */
async function sendFrames(
  points: PointsSender,
  { source, rate, duration }: PublishOptions,
  signal: AbortSignal,
): Promise<void> {
  const total = duration === 0 || rate === 0
    ? Infinity
    : Math.round(rate * duration);
  const period = rate === 0 ? 0 : 1000 / rate;
  const grace = rate === 0 ? 0 : CATCH_UP_MS;
  const limit = duration === 0 ? Infinity : duration * 1000 + grace;
  const started = performance.now();
  let due = started;
  for (let frame = 0; frame < total; frame++) {
    await delay(Math.max(0, due - performance.now()), undefined, { signal });
    if (performance.now() - started >= limit) return;
    const seconds = frame * period / 1000;
    const cloud = await unlessAborted(source.next(frame, seconds), signal);
    if (cloud === undefined) return;
    points.send(frame >>> 0, Date.now(), cloud);
    // A source that is too slow for the rate sets the pace; nothing piles up.
    due = Math.max(due + period, performance.now() - CATCH_UP_MS);
  }
}

/** Waits until all frames are acknowledged, or no more of them are. */
async function whenAcknowledged(
  points: PointsSender,
  signal: AbortSignal,
): Promise<void> {
  await settlesWithin(DRAIN_TIMEOUT_MS, points.whenSent(), signal);
  let acked = -1;
  let since = performance.now();
  while (points.framesAcked < points.counters.framesSent) {
    if (points.framesAcked !== acked) {
      acked = points.framesAcked;
      since = performance.now();
    } else if (performance.now() - since > DRAIN_TIMEOUT_MS) return;
    await delay(10, undefined, { signal });
  }
}

/** What keeps a finished report from "all was delivered". */
function shortfall(
  report: PublishReport,
  verify: boolean,
): string | undefined {
  const { framesSent, framesAcked, framesDropped } = report;
  const { verified, filesSkipped } = report;
  const total = framesSent + framesDropped;
  if (framesDropped > 0) {
    return `${framesDropped} of ${total} frames were dropped because the ` +
      `network could not keep up`;
  }
  if (framesAcked < framesSent) {
    return `${framesSent - framesAcked} of ${framesSent} frames were not ` +
      `acknowledged by the server`;
  }
  if (filesSkipped) {
    return `${filesSkipped} of the source's clouds could not be read; ` +
      `the warnings say why`;
  }
  if (verify && verified === undefined) {
    return "The server can't verify what arrived: it doesn't speak pointwire.v1";
  }
  if (verified && verified.mismatched > 0) {
    return `${verified.mismatched} of ${framesSent} frames arrived changed`;
  }
}
