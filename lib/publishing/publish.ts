import { setTimeout as delay } from "node:timers/promises";
import { settlesWithin, unlessAborted } from "../async.ts";
import type { Logger } from "../log.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { F32Encoder } from "../points/f32_codec.ts";
import type { FileMedia } from "../media/file_media.ts";
import { MediaRelay } from "./media_relay.ts";
import {
  type Outage,
  type PublishProgress,
  type PublishReport,
  shortfall,
} from "./report.ts";
import { Uplink, type UplinkOutage } from "./uplink.ts";
import { Adaptation } from "./adaptation/adaptation.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { PointSource } from "../sources/source.ts";
import type { NetworkOptions } from "../transport/network.ts";
import type { VideoCodecName } from "../transport/peer.ts";

export type { Outage, PublishProgress, PublishReport };

export interface PublishOptions {
  /** URL of the server's offer endpoint. */
  signaling: string;
  /** Shows the server that this client may publish. @default none */
  token?: string;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. @default none */
  caCerts?: string[];
  /** Where the clouds come from; disposed of at the end. */
  source: PointSource;
  /** How they become bytes in the `pointwire` dialect. @default {f32} */
  encoder?: CloudEncoder;
  /**
   * Sends coarser clouds, and then fewer points of them, while the network can't
   * keep up. @default {false}
   */
  adaptive?: boolean;
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
  /** Largest IP packet, bytes. */
  mtu?: number;
  /** STUN and TURN servers, and UDP ports. */
  network?: NetworkOptions;
  /**
   * Seconds for which it tries to connect again when the connection is lost, from
   * when that is noticed; 0 doesn't. @default {60}
   */
  reconnectFor?: number;
  /** Compares each frame's checksum with the server's. @default {false} */
  verify?: boolean;
  /** Ends the publishing, in order. */
  signal?: AbortSignal;
  log: Logger;
  /** Is told four times a second how it goes. */
  onProgress?(progress: PublishProgress): void;
}

/** Time for the first packet of the media, before the points start anyway. */
const MEDIA_START_MS = 5_000;
/** Lateness that is made up for; a source that falls behind more sets the pace. */
const CATCH_UP_MS = 1_000;
const PROGRESS_INTERVAL_MS = 250;
/** Time for the last frames to be acknowledged, while some still are. */
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Publishes points, and audio and video beside them, to a server. A connection
 * that is lost is made again; frames and media of the time between are dropped.
 *
 * @throws {SignalingError} when the server can't be asked or says no.
 * @throws {ConnectionError} when no connection is made. What happens to it later
 * is told in the report's `outages` and `failure`.
 * @throws the signal's reason when it is aborted before the first frame.
 */
export async function publish(options: PublishOptions): Promise<PublishReport> {
  const { source, log, reconnectFor = 60, token, caCerts } = options;
  const signal = options.signal ?? new AbortController().signal;
  // What is disposed of last was put in first.
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(options.media);
  cleanup.defer(() => source[Symbol.asyncDispose]?.());
  const media = options.media && new MediaRelay(options.media);
  const encoder: CloudEncoder = options.encoder ?? new F32Encoder();
  const adaptation = options.adaptive ? new Adaptation(encoder) : undefined;
  const uplink = cleanup.use(
    await Uplink.open({
      ...options,
      encoder,
      adaptation,
      media,
      reconnectForMs: reconnectFor * 1000,
      post: { token, caCerts },
    }, signal),
  );
  const mediaFailure = media && startMedia(media, options.media!, log);
  const stop = AbortSignal.any([signal, uplink.lost]);
  let started = performance.now();
  const timer = setInterval(
    () =>
      options.onProgress?.({
        ...progressOf(uplink, started),
        level: adaptation?.level,
      }),
    PROGRESS_INTERVAL_MS,
  );
  try {
    // Encoders take the machine while they start; points would be late.
    const mediaStarted = media?.started ?? Promise.resolve();
    await settlesWithin(MEDIA_START_MS, mediaStarted, stop);
    started = performance.now();
    await sendFrames(uplink, options, stop);
    await whenAcknowledged(uplink, stop);
  } catch (error) {
    // Asked to stop, or lost the server: the report tells which.
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(timer);
  }

  uplink.settle();
  const report = reportOf(uplink, options, started);
  if (adaptation) report.adaptation = adaptation.summary(performance.now());
  const failure = uplink.lost.aborted
    ? uplink.lost.reason.message
    : uplink.unsendable ?? mediaFailure?.() ??
      (signal.aborted ? undefined : shortfall(report, options.verify === true));
  return failure === undefined ? report : { ...report, failure };
}

function progressOf(uplink: Uplink, started: number): PublishProgress {
  const now = performance.now();
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

function reportOf(
  uplink: Uplink,
  { source, verify }: PublishOptions,
  started: number,
): PublishReport {
  const { framesSent, framesDropped, pointsSent, bytesSent } = uplink.counters;
  const { tracker, packets, dialect } = uplink;
  const report: PublishReport = {
    session: uplink.session ?? null,
    dialect,
    framesSent,
    framesAcked: uplink.framesAcked,
    framesDropped,
    pointsPerFrame: Math.round(pointsSent / Math.max(1, framesSent)),
    bytesSent,
    seconds: secondsBetween(started, performance.now()),
    latencyMs: tracker.latency(),
    video: { packets: packets.video },
    audio: { packets: packets.audio },
    outages: uplink.outages.map((outage) => outageOf(outage, started)),
  };
  if (source.skipped) report.filesSkipped = source.skipped;
  if (verify && dialect === "pointwire") report.verified = tracker.verification;
  return report;
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
 * Starts the media.
 *
 * @returns what tells why it stopped, where it did.
 */
function startMedia(
  relay: MediaRelay,
  media: FileMedia,
  log: Logger,
): () => string | undefined {
  let failure: string | undefined;
  relay.begin();
  media.ended.catch((error) => {
    log.error("the media stopped; the points go on", { error });
    failure = `The media stopped: ${error.message}`;
  });
  return () => failure;
}

/**
 * Sends clouds at the rate until the duration is over or `signal` aborts. The
 * pace and the numbers go on while there is no connection.
 */
async function sendFrames(
  uplink: Uplink,
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
  for (let number = 0; number < total; number++) {
    await delay(Math.max(0, due - performance.now()), undefined, { signal });
    if (performance.now() - started >= limit) return;
    const seconds = number * period / 1000;
    const cloud = await unlessAborted(source.next(number, seconds), signal);
    if (cloud === undefined) return;
    uplink.send({ number: number >>> 0, captureTime: Date.now(), cloud });
    // A source that is too slow for the rate sets the pace; nothing piles up.
    due = Math.max(due + period, performance.now() - CATCH_UP_MS);
  }
}

/** Waits until all frames are acknowledged, or nothing moves any more. */
async function whenAcknowledged(
  uplink: Uplink,
  signal: AbortSignal,
): Promise<void> {
  let state = "";
  let since = performance.now();
  while (uplink.framesUndelivered > 0) {
    const now = `${uplink.framesAcked} ${uplink.queuedBytes}`;
    if (now !== state) {
      state = now;
      since = performance.now();
    } else if (performance.now() - since > DRAIN_TIMEOUT_MS) return;
    await delay(10, undefined, { signal });
  }
}
