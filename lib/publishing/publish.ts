import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import type { MediaSource } from "../media/media_source.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { RawEncoder } from "../points/raw/codec.ts";
import { DEFAULT_RATE, type PointSource } from "../sources/source.ts";
import type { NetworkOptions } from "../transport/network.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { StreamPlace } from "../wire/messages.ts";
import { Adaptation } from "./adaptation/adaptation.ts";
import type { AdaptationLevel } from "./adaptation/levels.ts";
import { type ConnectionOptions, PublisherConnection } from "./connection.ts";
import { MediaRelay } from "./media_relay.ts";
import type { CapturedFrame } from "./points_sender.ts";
import { offerUrl } from "./post_offer.ts";
import {
  type Outage,
  progressOf,
  type PublishProgress,
  type PublishReport,
  reportOf,
  shortfall,
  type StreamReport,
} from "./report.ts";
import { Servers } from "./servers.ts";
import { sendFrames, whenAcknowledged } from "./send_frames.ts";
import { Uplink } from "./uplink.ts";

export type { Outage, PublishProgress, PublishReport, StreamReport };

/** One stream of points of several, as {@linkcode publish} takes it. */
export interface PublishedStream {
  /** What the stream is called, such as `front`: another than the others. */
  name: string;
  /** Where the clouds come from; disposed of at the end. */
  source: PointSource;
  /** How they become bytes. @default {as they are} */
  encoder?: CloudEncoder;
  /**
   * Hands on clouds that the source has encoded already, such as those of a
   * robot that compresses them, as they came: they are decoded, and go through
   * `encoder`, where less than all is sent. @default {false}
   */
  handsOn?: boolean;
  /**
   * Clouds a second; 0 takes them as they come. @default {4}, or 0 for a source
   * that says the pace itself
   */
  rate?: number;
  /** Where its coordinates stand: watchers are told. @default {unknown} */
  place?: StreamPlace;
}

/** Options of {@linkcode publish}: of one stream of points, or of several. */
export type PublishOptions =
  & PublishedSession
  & (
    | Omit<PublishedStream, "name"> & { streams?: undefined }
    | {
      /** What is published; at least one. */
      streams: readonly PublishedStream[];
    }
  );

/** What is published beside the points, and how. */
export interface PublishedSession {
  /** URL at which the server takes offers: `/offer` where it has no path. */
  signaling: string;
  /**
   * What the session is to be called, such as `robot-7`, or `robot-7/front` in
   * the group `robot-7`. Another that is called so is waited for for 15 s.
   * @default {made of `machine`}
   */
  name?: string;
  /**
   * What this machine is called: the server makes a name of it that no other
   * session has. @default {its address}
   */
  machine?: string;
  /** Shows the server that this client may publish. @default none */
  token?: string;
  /**
   * Certificates, in PEM, of authorities trusted besides the usual ones.
   * @default none
   */
  caCerts?: string[];
  /**
   * Sends coarser clouds, and then fewer points of them, while the network
   * can't keep up. @default {true}
   */
  adaptive?: boolean;
  /**
   * Seconds to publish for; 0 goes on until the sources end or `signal` is
   * aborted. @default {0}
   */
  duration?: number;
  /** Audio and video to publish beside the points; disposed of at the end. */
  media?: MediaSource;
  /** Our framing, or the original's. @default {"pointwire"} */
  dialect?: Dialect;
  /** Largest IP packet, bytes. */
  mtu?: number;
  /** STUN and TURN servers, and UDP ports. */
  network?: NetworkOptions;
  /**
   * Seconds for which it tries to connect again when the connection is lost,
   * from when that is noticed; 0 doesn't. @default {60}
   */
  reconnectFor?: number;
  /**
   * Compares what arrives with the source: each frame's checksum with the
   * server's, and its values with the source's. @default {false}
   */
  verify?: boolean;
  /** Ends the publishing, in order. */
  signal?: AbortSignal;
  /** Receives what is logged. */
  log: Logger;
  /** Called four times a second with how it goes. */
  onProgress?(progress: PublishProgress): void;
}

const DEFAULT_RECONNECT_S = 60;
/** Time for the first packet of the media, before the points start anyway. */
const MEDIA_START_MS = 5_000;
const PROGRESS_INTERVAL_MS = 250;

/**
 * Publishes points, and audio and video beside them, to a server. A connection
 * that is lost is made again; frames and media of the time between are dropped.
 *
 * @throws {TypeError} for no stream, or two of one name.
 * @throws {SignalingError} when the server can't be asked or says no.
 * @throws {ConnectionError} when no connection is made. What happens to it
 * later is told in the report's `outages` and `failure`.
 * @throws the signal's reason when it is aborted before the first frame.
 *
 * @example Send ten scans to a server in the same program
 * ```ts
 * import {
 *   createLogger,
 *   lidarSource,
 *   publish,
 * } from "@pointwire/pointwire/publish";
 * import { PointServer } from "@pointwire/pointwire/server";
 * import { assertEquals } from "@std/assert";
 *
 * const log = createLogger({ level: "error" });
 * await using server = PointServer.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   log,
 * });
 * const report = await publish({
 *   signaling: `${server.url}/offer`,
 *   source: lidarSource(10_000),
 *   rate: 10,
 *   duration: 1,
 *   log,
 * });
 * assertEquals(report.framesAcked, 10);
 * ```
 */
export async function publish(options: PublishOptions): Promise<PublishReport> {
  const { log } = options;
  const signal = options.signal ?? new AbortController().signal;
  // What is disposed of last was put in first.
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(options.media);
  const streams = preparedStreams(options);
  for (const { source } of streams) {
    cleanup.defer(() => source[Symbol.asyncDispose]?.());
  }
  const media = options.media && new MediaRelay(options.media);
  const sending = { streams, media };
  const uplink = cleanup.use(await openUplink(options, sending, signal));
  const mediaFailure = media && startMedia(media, options.media!, log);
  const hopeless = new AbortController();
  const stop = AbortSignal.any([signal, uplink.lost, hopeless.signal]);
  let started = performance.now();
  const span = () => ({ started, now: performance.now() });
  const timer = setInterval(() => {
    const level = lowestLevel(streams);
    const videoBitrate = media?.videoAsked;
    const progress = progressOf(uplink, span());
    options.onProgress?.({ ...progress, level, videoBitrate });
  }, PROGRESS_INTERVAL_MS);
  try {
    // Encoders take the machine while they start; points would be late.
    const mediaStarted = media?.started ?? Promise.resolve();
    await settlesWithin(MEDIA_START_MS, mediaStarted, stop);
    started = performance.now();
    await sendAll(streams, {
      duration: options.duration ?? 0,
      onFrame(frame, stream) {
        uplink.send(frame, stream);
        // What can't be sent from the first frame on never can.
        const { unsendable, counters } = uplink;
        if (unsendable && counters.framesSent === 0) hopeless.abort();
      },
    }, stop);
    await whenAcknowledged(uplink, stop);
  } catch (error) {
    // Asked to stop, or lost the server: the report tells which.
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(timer);
  }

  uplink.settle();
  const now = performance.now();
  const report = reportOf(uplink, span());
  const verify = options.verify ?? false;
  if (media?.videoAsked) report.video.bitrate = media.videoAsked;
  const skipped = streams.reduce(
    (n, { source }) => n + (source.skipped ?? 0),
    0,
  );
  if (skipped > 0) report.filesSkipped = skipped;
  if (verify && uplink.dialect === "pointwire") {
    report.verified = uplink.tracker.verifier.summary();
  }
  for (const [i, { adaptation }] of streams.entries()) {
    if (adaptation === undefined) continue;
    report.streams[i].adaptation = adaptation.summary(now);
  }
  const failure = uplink.lost.aborted
    ? uplink.lost.reason.message
    : uplink.unsendable ?? mediaFailure?.() ??
      (signal.aborted ? undefined : shortfall(report, verify));
  return failure === undefined ? report : { ...report, failure };
}

/** A stream that is ready to be sent. */
interface PreparedStream extends Required<Omit<PublishedStream, "place">> {
  place?: StreamPlace;
  adaptation?: Adaptation;
}

/** @throws {TypeError} for none, two of a name, or several of the original. */
function preparedStreams(options: PublishOptions): PreparedStream[] {
  const { adaptive = true } = options;
  const given = options.streams ?? [{ ...options, name: "points" }];
  const names = new Set(given.map(({ name }) => name));
  if (given.length === 0 || names.size < given.length) {
    throw new TypeError("publish() takes streams of names that differ");
  }
  if (given.length > 1 && options.dialect === "original") {
    throw new TypeError("The original's dialect has one stream");
  }
  return given.map(({ name, source, place, handsOn = false, ...stream }) => {
    const encoder: CloudEncoder = stream.encoder ?? new RawEncoder("f32");
    const usual = source.pace === "source" ? 0 : DEFAULT_RATE;
    return {
      ...{ name, source, place, encoder, handsOn },
      rate: stream.rate ?? usual,
      adaptation: adaptive ? new Adaptation(encoder) : undefined,
    };
  });
}

/** How much of each cloud is sent, of the stream of which least is. */
function lowestLevel(
  streams: readonly PreparedStream[],
): AdaptationLevel | undefined {
  const levels = streams.flatMap(({ adaptation }) =>
    adaptation === undefined ? [] : [adaptation.level]
  );
  return levels.sort((a, b) =>
    a.pointShare - b.pointShare || b.resolutionFactor - a.resolutionFactor
  )[0];
}

/**
 * Sends the frames of all streams, side by side.
 *
 * @throws what the first source throws that fails; the others end then.
 */
async function sendAll(
  streams: readonly PreparedStream[],
  { duration, onFrame }: {
    duration: number;
    onFrame(frame: CapturedFrame, stream: number): void;
  },
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  await Promise.all(streams.map(({ source, rate }, stream) =>
    sendFrames({
      ...{ source, rate, duration },
      onFrame: (frame) => onFrame(frame, stream),
    }, either).catch((error) => {
      failed.abort(error);
      throw error;
    })
  ));
}

/** What goes over an uplink's connections, one after the other. */
interface Sending {
  streams: readonly PreparedStream[];
  media?: MediaRelay;
}

function openUplink(
  options: PublishOptions,
  { streams, media }: Sending,
  signal: AbortSignal,
): Promise<Uplink> {
  const { name, machine, token, caCerts, verify, mtu, network, log } = options;
  const { dialect = "pointwire", reconnectFor = DEFAULT_RECONNECT_S } = options;
  const signaling = offerUrl(options.signaling);
  const servers = new Servers(signaling);
  return Uplink.open({
    connect: (attempt, signal) =>
      openAtOne(servers, {
        ...{ dialect: attempt.dialect, streams, media, verify, mtu, network },
        post: { token, caCerts, ...attempt.post },
        log,
      }, signal),
    signaling,
    dialect,
    streams: streams.map(({ name }) => name),
    name,
    machine,
    reconnectForMs: reconnectFor * 1000,
    log,
  }, signal);
}

/** Opens a connection to one of the servers, another one each time. */
async function openAtOne(
  servers: Servers,
  options: Omit<ConnectionOptions, "signaling">,
  signal: AbortSignal,
): Promise<PublisherConnection> {
  const signaling = servers.current;
  try {
    const connection = await PublisherConnection.open(
      { ...options, signaling },
      signal,
    );
    servers.learn(connection.nodes);
    const { ended, sentAway } = connection;
    void Promise.race([ended, sentAway]).then(() => servers.passOver());
    return connection;
  } catch (error) {
    servers.passOver();
    throw error;
  }
}

/**
 * Starts the media.
 *
 * @returns what tells why it stopped, where it did.
 */
function startMedia(
  relay: MediaRelay,
  media: MediaSource,
  log: Logger,
): () => string | undefined {
  let failure: string | undefined;
  relay.begin();
  media.ended.catch((error: unknown) => {
    log.error("the media stopped; the points go on", { error });
    const why = error instanceof Error ? error.message : String(error);
    failure = `The media stopped: ${why}`;
  });
  return () => failure;
}
