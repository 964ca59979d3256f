import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import type { MediaSource } from "../media/media_source.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { RawEncoder } from "../points/raw/codec.ts";
import { DEFAULT_RATE, type PointSource } from "../sources/source.ts";
import type { NetworkOptions } from "../transport/network.ts";
import type { Dialect } from "../wire/dialect.ts";
import { Adaptation } from "./adaptation/adaptation.ts";
import { PublisherConnection } from "./connection.ts";
import { MediaRelay } from "./media_relay.ts";
import { offerUrl } from "./post_offer.ts";
import {
  type Outage,
  progressOf,
  type PublishProgress,
  type PublishReport,
  reportOf,
  shortfall,
} from "./report.ts";
import { sendFrames, whenAcknowledged } from "./send_frames.ts";
import { Uplink } from "./uplink.ts";

export type { Outage, PublishProgress, PublishReport };

/** Options of {@linkcode publish}. */
export interface PublishOptions {
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
  /** Where the clouds come from; disposed of at the end. */
  source: PointSource;
  /** How they become bytes in our dialect. @default {as they are} */
  encoder?: CloudEncoder;
  /**
   * Sends coarser clouds, and then fewer points of them, while the network
   * can't keep up. @default {true}
   */
  adaptive?: boolean;
  /**
   * Clouds a second; 0 takes them as they come. @default {4}, or 0 for a source
   * that says the pace itself
   */
  rate?: number;
  /**
   * Seconds to publish for; 0 goes on until the source ends or `signal` is
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
  const { source, log } = options;
  const signal = options.signal ?? new AbortController().signal;
  // What is disposed of last was put in first.
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(options.media);
  cleanup.defer(() => source[Symbol.asyncDispose]?.());
  const media = options.media && new MediaRelay(options.media);
  const encoder: CloudEncoder = options.encoder ?? new RawEncoder("f32");
  const { adaptive = true } = options;
  const adaptation = adaptive ? new Adaptation(encoder) : undefined;
  const rate = options.rate ?? (source.pace === "source" ? 0 : DEFAULT_RATE);
  const sending = { encoder, adaptation, media, rate };
  const uplink = cleanup.use(await openUplink(options, sending, signal));
  const mediaFailure = media && startMedia(media, options.media!, log);
  const hopeless = new AbortController();
  const stop = AbortSignal.any([signal, uplink.lost, hopeless.signal]);
  let started = performance.now();
  const span = () => ({ started, now: performance.now() });
  const timer = setInterval(() => {
    const level = adaptation?.level;
    const videoBitrate = media?.videoAsked;
    const progress = progressOf(uplink, span());
    options.onProgress?.({ ...progress, level, videoBitrate });
  }, PROGRESS_INTERVAL_MS);
  try {
    // Encoders take the machine while they start; points would be late.
    const mediaStarted = media?.started ?? Promise.resolve();
    await settlesWithin(MEDIA_START_MS, mediaStarted, stop);
    started = performance.now();
    await sendFrames({
      source,
      rate,
      duration: options.duration ?? 0,
      onFrame(frame) {
        uplink.send(frame);
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
  const report = reportOf(uplink, span());
  const verify = options.verify ?? false;
  if (media?.videoAsked) report.video.bitrate = media.videoAsked;
  if (source.skipped) report.filesSkipped = source.skipped;
  if (verify && uplink.dialect === "pointwire") {
    report.verified = uplink.tracker.verifier.summary();
  }
  if (adaptation) report.adaptation = adaptation.summary(performance.now());
  const failure = uplink.lost.aborted
    ? uplink.lost.reason.message
    : uplink.unsendable ?? mediaFailure?.() ??
      (signal.aborted ? undefined : shortfall(report, verify));
  return failure === undefined ? report : { ...report, failure };
}

/** What goes over an uplink's connections, one after the other. */
interface Sending {
  encoder: CloudEncoder;
  adaptation?: Adaptation;
  media?: MediaRelay;
  rate: number;
}

function openUplink(
  options: PublishOptions,
  sending: Sending,
  signal: AbortSignal,
): Promise<Uplink> {
  const { name, machine, token, caCerts, verify, mtu, network, log } = options;
  const { dialect = "pointwire", reconnectFor = DEFAULT_RECONNECT_S } = options;
  const signaling = offerUrl(options.signaling);
  return Uplink.open({
    connect: ({ dialect, post }, signal) =>
      PublisherConnection.open({
        ...{ signaling, dialect, ...sending, verify, mtu, network, log },
        post: { token, caCerts, ...post },
      }, signal),
    signaling,
    dialect,
    name,
    machine,
    reconnectForMs: reconnectFor * 1000,
    log,
  }, signal);
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
