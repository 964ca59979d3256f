import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { checksumCloud } from "../points/checksum.ts";
import { compareClouds } from "../points/compare.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import {
  areSameLayouts,
  type CloudLayout,
  type PointCloud,
} from "../points/cloud.ts";
import { type CloudEncoder, CODEC_TRAITS } from "../points/codec.ts";
import { FrameSizeError } from "../points/errors.ts";
import { splitF32 } from "../points/f32/f32.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import { CHUNK_BYTES, POINTS_PROTOCOL, splitFrame } from "../wire/frame.ts";
import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import { ConnectionError } from "../transport/errors.ts";
import {
  type BegunFrame,
  FrameQueue,
  type FrameQueueCounters,
} from "../wire/frame_queue.ts";
import type { LinkMonitor } from "../transport/link_monitor.ts";
import { frameChannelOf } from "../transport/frame_channel.ts";
import { rtpPathOf, undeliveredBytes } from "../transport/install.ts";
import { useSameHostPath, watchSameHost } from "../transport/same_host.ts";
import { largestMessage } from "../transport/werift/peer.ts";
import { AckTracker } from "./ack_tracker.ts";
import type { Adaptation } from "./adaptation/adaptation.ts";
import {
  type AdaptedCloud,
  AdaptiveEncoder,
} from "./adaptation/adaptive_encoder.ts";
import type { SentMedia } from "./sent_media.ts";
import { besideVideo, mostOf } from "./video_share.ts";
import { ClockAnswerer } from "../wire/clock_asker.ts";
import type { Dialect } from "../wire/dialect.ts";
import {
  type ByeMessage,
  type ClientMessage,
  fieldsMessage,
  type FrameLimits,
  parseServerMessage,
} from "../wire/messages.ts";
import { type StreamPlace, ToldPlace } from "../wire/stream_place.ts";

/**
 * Bytes of one message in the original's dialect: whole points below 64 KiB.
 */
const ORIGINAL_MESSAGE_BYTES = 65_532;
/** Time for the channel to open, and for the server to answer on it. */
const OPEN_TIMEOUT_MS = 15_000;
const HELLO_TIMEOUT_MS = 3_000;

/** A cloud that is to be sent. */
export interface CapturedFrame {
  /** The frame's number, uint32. */
  number: number;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
  cloud: PointCloud;
  /** Where its coordinates stand. @default {as those before} */
  place?: StreamPlace;
}

export interface PointsSenderOptions {
  /** What the stream is called, the channel's label. @default {"points"} */
  stream?: string;
  /** Where its coordinates stand; the server is told. @default {unknown} */
  place?: StreamPlace;
  /** @default {"pointwire"} */
  dialect?: Dialect;
  /** How clouds become bytes in the `pointwire` dialect. */
  encoder: CloudEncoder;
  /** Decides how much of each cloud is sent; none sends all of it. */
  adaptation?: Adaptation;
  /** Hands on what came encoded where all of it is sent. @default {false} */
  handsOn?: boolean;
  /** Clouds a second that are to be expected. @default {10} */
  rate?: number;
  /** Of the streams of the same path, how many there are. @default {1} */
  streams?: number;
  /** What goes over the same path. */
  media?: Pick<SentMedia, "tracks" | "videoBitrates">;
  /** Asks the server for every frame's checksum, and compares them. */
  verify?: boolean;
  /** Largest IP packet where one was named: it holds on one machine too. */
  mtu?: number;
  log: Logger;
}

/** A publisher's points channel, and the book of its frames. */
export class PointsSender {
  readonly tracker = new AckTracker();
  /** Why a frame could not be sent, where one could not. */
  unsendable: string | undefined;
  /** What the server said as it ended the session, where it said anything. */
  bye: ByeMessage | undefined;
  /** The link that the channel runs over, once there is one. */
  link: LinkMonitor | undefined;
  /** Resolves with a sentence that says why, when the channel is closed. */
  readonly closed: Promise<string>;
  /** Resolves with a clause when the server says that it ends all soon. */
  readonly draining: Promise<string>;
  readonly #peer: RTCPeerConnection;
  readonly #options: PointsSenderOptions;
  readonly #hello = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<string>();
  readonly #draining = Promise.withResolvers<string>();
  #dialect: Dialect;
  #channel: RTCDataChannel;
  #queue: FrameQueue<CapturedFrame>;
  #toldLayout: CloudLayout = XYZ_LAYOUT;
  readonly #toldPlace = new ToldPlace();
  readonly #clock = new ClockAnswerer();
  #limits: FrameLimits | undefined;
  readonly #encoder: AdaptiveEncoder;
  #isLocal: () => boolean = () => false;
  readonly #reader = new FrameReader("points");

  /** Makes the data channel; call before the offer. */
  constructor(peer: RTCPeerConnection, options: PointsSenderOptions) {
    this.#peer = peer;
    this.#options = options;
    this.closed = this.#closed.promise;
    this.draining = this.#draining.promise;
    this.#dialect = options.dialect ?? "pointwire";
    this.#encoder = new AdaptiveEncoder({
      ...options,
      isLocal: () => this.#isLocal(),
    });
    this.#channel = this.#createChannel();
    this.#queue = this.#createQueue();
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /**
   * Waits until the channel is open, and in the `pointwire` dialect until the
   * server has answered on it. A server that doesn't answer is not ours: the
   * points go over a channel of the original's dialect instead.
   *
   * @param probe measures what the path takes, bytes a millisecond; undefined
   * where it takes more than can be told.
   * @throws {ConnectionError} when no channel opens.
   * @throws the signal's reason when it is aborted.
   */
  async open(
    link: LinkMonitor,
    probe: (channel: RTCDataChannel) => Promise<number | undefined>,
    signal: AbortSignal,
  ): Promise<void> {
    this.link = link;
    await this.#whenOpen(signal);
    this.#isLocal = await watchSameHost(this.#peer);
    if (this.#dialect === "original") return;
    const hello = this.#hello.promise;
    if (await settlesWithin(HELLO_TIMEOUT_MS, hello, signal)) {
      if (this.#options.mtu === undefined) await useSameHostPath(this.#peer);
      await this.#expect(probe);
      const { verify, place } = this.#options;
      this.#tellPlace(place);
      if (verify) this.#say({ type: "verify" });
      return;
    }
    const { streams = 1 } = this.#options;
    if (streams > 1) {
      throw new ConnectionError(
        "closed",
        "The server doesn't speak pointwire.v1, which several streams take",
      );
    }
    this.#options.log.warn(
      "the server doesn't speak pointwire.v1: sending as the original does",
    );
    this.#dialect = "original";
    const unanswered = this.#channel;
    this.#channel = this.#createChannel();
    this.#queue = this.#createQueue();
    unanswered.close();
    await this.#whenOpen(signal);
  }

  /** Finds out what the path takes, so that the first frame fits it. */
  async #expect(
    probe: (channel: RTCDataChannel) => Promise<number | undefined>,
  ): Promise<void> {
    const { adaptation, rate = 10, media, streams = 1 } = this.#options;
    if (adaptation === undefined) return;
    const capacity = await probe(this.#channel);
    if (capacity === undefined) return;
    rtpPathOf(this.#peer)?.estimate.suppose(capacity);
    const left = media ? besideVideo(capacity, mostOf(media)) : capacity;
    // How large they are isn't known yet; each adapts by itself from then on.
    adaptation.expect(1000 * left / streams, rate || 10);
  }

  get counters(): FrameQueueCounters {
    return this.#queue.counters;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes;
  }

  /** Whether the adaptation follows this channel; its levels always hold. */
  setAdapting(isAdapting: boolean): void {
    this.#encoder.isAdapting = isAdapting;
  }

  /** Takes one cloud; it is sent, or counted as dropped. */
  send(frame: CapturedFrame): void {
    this.#queue.send(frame);
    this.#encoder.offered(this.#queue);
  }

  /**
   * Notes how many frames the receiver has where nothing but SCTP says it: the
   * original's dialect has no acknowledgements. It is to be called while the
   * channel is open, since one that is closed has nothing under way any more.
   */
  updateAcked(): void {
    if (this.dialect !== "original") return;
    if (undeliveredBytes(this.#peer) > 0) return;
    this.tracker.framesAcked = this.counters.framesSent;
  }

  #createChannel(): RTCDataChannel {
    const { stream = "points" } = this.#options;
    const channel = this.#dialect === "pointwire"
      ? this.#peer.createDataChannel(stream, { protocol: POINTS_PROTOCOL })
      : this.#peer.createDataChannel("data");
    // From the start: the server's first words may come before it is open here.
    channel.onMessage.subscribe((text) => this.#receive(text));
    channel.stateChanged.subscribe((state) => {
      if (state !== "closed" || channel !== this.#channel) return;
      this.#closed.resolve(
        this.bye === undefined
          ? "The server closed the connection"
          : `The server ended the session: ${this.bye.reason}`,
      );
    });
    return channel;
  }

  #createQueue(): FrameQueue<CapturedFrame> {
    this.#encoder.restart();
    return new FrameQueue(frameChannelOf(this.#channel, this.#peer), {
      begin: (frame) => this.#begin(frame),
      sizeOf: ({ cloud: { points, stride } }) => points * stride,
      onError: ({ number }, error) => {
        const why = error instanceof Error ? error.message : `${error}`;
        // One line for all frames that are dropped for the same reason.
        if (why === this.unsendable) return;
        this.#options.log.error("frame dropped", { frame: number, error });
        this.unsendable = why;
      },
    });
  }

  #begin({ number, captureTime, cloud, place }: CapturedFrame): BegunFrame {
    if (this.#dialect === "original") {
      const { shape, bytes } = this.#encoder.encodeOriginal(cloud);
      return {
        points: shape.points,
        messages: splitF32(bytes, this.#maxMessageBytes),
        onSent: () => this.tracker.sent(number, captureTime),
      };
    }
    this.#tellPlace(place);
    const encoded = this.#encoder.encode(cloud);
    const { codec, bytes, shape } = encoded;
    const { points } = shape;
    if (this.#limits) checkSize(encoded, this.#limits);
    if (!CODEC_TRAITS[codec].namesFields) this.#tellLayout(shape);
    const checksum = this.#checksumOf(number, encoded);
    const info = { number, captureTime, codec, points };
    return {
      points,
      messages: splitFrame(bytes, info, this.#maxMessageBytes),
      onSent: () => this.tracker.sent(number, captureTime, checksum),
    };
  }

  /** Of what the receiver gets out of it; the source's may be finer. */
  #checksumOf(frame: number, encoded: AdaptedCloud): number | undefined {
    const { verify, log } = this.#options;
    if (!verify && !log.isEnabled("debug")) return undefined;
    const { cloud, codec, bytes, shape, steps } = encoded;
    const received = this.#reader.decode({ ...shape, codec, bytes });
    const checksum = checksumCloud(received);
    if (verify) {
      this.tracker.verifier.compared(compareClouds(cloud, received, steps));
    }
    const { points } = shape;
    log.debug("points frame", { frame, points, codec, checksum });
    return checksum;
  }

  /** Says how the points of the clouds that follow lie, where it changes. */
  #tellLayout(layout: CloudLayout): void {
    if (areSameLayouts(layout, this.#toldLayout)) return;
    this.#toldLayout = layout;
    this.#say(fieldsMessage(layout));
  }

  /** Says where the coordinates that follow stand, where it changes. */
  #tellPlace(place: StreamPlace | undefined): void {
    if (place === undefined || !this.#toldPlace.isNews(place)) return;
    this.#say({ type: "stream", ...place });
  }

  #say(message: ClientMessage): void {
    this.#channel.send(JSON.stringify(message));
  }

  get #maxMessageBytes(): number {
    const limit = largestMessage(this.#peer);
    return this.#dialect === "pointwire"
      ? Math.min(CHUNK_BYTES, limit)
      : Math.min(ORIGINAL_MESSAGE_BYTES, limit);
  }

  async #whenOpen(signal: AbortSignal): Promise<void> {
    const channel = this.#channel;
    const open = new Promise<void>((resolve, reject) => {
      const check = () => {
        if (channel.readyState === "open") resolve();
        if (channel.readyState !== "closed") return;
        reject(new ConnectionError("closed", "The data channel was refused"));
      };
      channel.stateChanged.subscribe(check);
      check();
    });
    if (await settlesWithin(OPEN_TIMEOUT_MS, open, signal)) return;
    throw new ConnectionError(
      "timeout",
      `The data channel did not open within ${OPEN_TIMEOUT_MS / 1000} s`,
    );
  }

  #receive(text: unknown): void {
    if (typeof text !== "string") return;
    const message = parseServerMessage(text);
    switch (message?.type) {
      case "hello":
        this.#limits = message.limits;
        return this.#hello.resolve();
      case "ack": {
        const roundTripMs = this.link?.stats.roundTripMs;
        return this.tracker.acknowledged(message, Date.now(), roundTripMs);
      }
      case "time": {
        const answer = this.#clock.answer(message);
        if (answer !== undefined) this.#say(answer);
        return;
      }
      case "draining": {
        const { reason, seconds } = message;
        this.#options.log.warn("the server ends the session soon", {
          reason,
          seconds,
        });
        return this.#draining.resolve(reason);
      }
      case "bye":
        this.bye = message;
    }
  }
}

/** @throws {FrameSizeError} for a frame that the server would not take. */
function checkSize(
  { bytes, shape: { points, stride } }: AdaptedCloud,
  { framePoints, frameBytes }: FrameLimits,
): void {
  if (points > framePoints) {
    throw new FrameSizeError(
      "points",
      `A frame has ${points} points, and the server takes ${framePoints} at ` +
        `most: send fewer, or ask for more there (--max-frame-points)`,
    );
  }
  const size = Math.max(bytes.length, points * stride);
  if (size <= frameBytes) return;
  throw new FrameSizeError(
    "bytes",
    `A frame has ${points} points of ${stride} bytes, ${size} bytes, and the ` +
      `server takes ${frameBytes} at most: send fewer points or fields ` +
      `(--fields), or ask for more there (--max-frame-bytes)`,
  );
}
