import type { RTCDataChannel, RTCPeerConnection } from "werift";
import type { Logger } from "../log.ts";
import { MediaSender } from "./media_sender.ts";
import {
  type CapturedFrame,
  PointsSender,
  type PointsSenderOptions,
} from "./points_sender.ts";
import { useAnswer } from "../signaling/use_answer.ts";
import { connectOrGiveUp } from "../transport/connect.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";
import { postOffer, type PostOfferOptions } from "./post_offer.ts";
import { ConnectionError } from "../transport/errors.ts";
import { probePath } from "./path_probe.ts";
import { demandSockets, undeliveredBytes } from "../transport/install.ts";
import {
  LinkMonitor,
  UNACKNOWLEDGED_SILENCE_MS,
} from "../transport/link_monitor.ts";
import {
  createPeer,
  type PeerOptions,
  type VideoCodecName,
} from "../transport/peer.ts";
import { withSctpInit } from "../transport/snap.ts";
import { comesBackAfter } from "./connect.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { MediaRelay } from "./media_relay.ts";

export interface ConnectionOptions extends
  Omit<
    PointsSenderOptions,
    keyof SentStream | "stream" | "streams"
  > {
  /** What is sent, a channel each; there is one at least. */
  streams: readonly SentStream[];
  /** URL of the server's offer endpoint. */
  signaling: string;
  /** How the offer is posted, and what session it asks for. */
  post?: Omit<PostOfferOptions, "signal">;
  /** Audio and video to send over it, from when it is open on. */
  media?: MediaRelay;
  /** Largest IP packet, bytes. */
  mtu?: PeerOptions["mtu"];
  /** STUN and TURN servers, and UDP ports. */
  network?: PeerOptions["network"];
  log: Logger;
}

/** One stream, and how its clouds are sent. */
export interface SentStream extends
  Pick<
    PointsSenderOptions,
    "place" | "encoder" | "handsOn" | "adaptation" | "rate"
  > {
  /** What it is called. */
  name: string;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** One sentence. */
  why: string;
  /** Whether a new connection may do better. */
  comesBack: boolean;
}

/** Time for ICE and DTLS, and again for the data channel, of one connection. */
const PATIENCE_MS = 8_000;

/**
 * One peer connection of a publisher, and all that belongs to it: it is made in
 * one attempt, lives, and ends for good.
 */
export class PublisherConnection implements AsyncDisposable {
  readonly streams: readonly PointsSender[];
  /** Settles when it can't be used any more. */
  readonly ended: Promise<ConnectionEnd>;
  /**
   * Resolves with one sentence where the server wants it to go to another of
   * the `nodes`: until it does it can be used.
   */
  readonly sentAway: Promise<string>;
  /** The session's id; a server that isn't pointwire's names none. */
  session: string | undefined;
  /** What the session is called, where it has an id. */
  name: string | undefined;
  /** Where else the server's cluster takes offers. */
  nodes: readonly string[] = [];
  readonly #options: ConnectionOptions;
  readonly #peer: RTCPeerConnection;
  readonly #media: MediaSender | undefined;
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  readonly #sentAway = Promise.withResolvers<string>();
  #link: LinkMonitor | undefined;
  #isOver = false;
  #framesGiven = 0;
  /** Frames dropped before the last sign of life, and when that was. */
  #droppedBefore = 0;
  #heardAt = -Infinity;

  private constructor(options: ConnectionOptions) {
    const { signaling, streams, media, mtu, network, log } = options;
    this.#options = options;
    this.ended = this.#ended.promise;
    this.sentAway = this.#sentAway.promise;
    this.#peer = createPeer({
      loopback: isLoopback(new URL(signaling).hostname),
      videoCodecs: videoCodecsOf(media),
      mtu,
      network,
      onError: (error) =>
        log.warn("the server's message was refused", { error }),
      onStock: (why) => log.warn("the data path is werift's", { why }),
      onMtu: (mtu) => log.debug("the path takes other packets", { mtu }),
    });
    this.#media = media && new MediaSender(this.#peer, media);
    this.streams = streams.map(({ name, ...stream }) =>
      new PointsSender(this.#peer, {
        ...{ ...options, ...stream },
        ...{ stream: name, streams: streams.length },
      })
    );
  }

  /**
   * Makes an offer, posts it, and waits until points can be sent.
   *
   * @throws {SignalingError} when the server can't be asked or says no.
   * @throws {ConnectionError} `timeout` or `failed` for an attempt that is
   * dead, `closed` when the server doesn't want it.
   * @throws the signal's reason when it is aborted.
   */
  static async open(
    options: ConnectionOptions,
    signal: AbortSignal,
  ): Promise<PublisherConnection> {
    const connection = new PublisherConnection(options);
    try {
      await connection.#connect(signal);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Takes one frame of a stream; it is sent, or counted as dropped. */
  send(frame: CapturedFrame, stream: number): void {
    if (this.heardAt !== this.#heardAt) {
      this.#heardAt = this.heardAt;
      this.#droppedBefore = this.#framesDropped;
      this.updateAcked();
    }
    this.#framesGiven++;
    this.streams[stream].send(frame);
  }

  /** How the points travel; that is known once it is open. */
  get dialect(): Dialect {
    return this.streams[0].dialect;
  }

  /** When something came from the server last, by `performance.now()`. */
  get heardAt(): number {
    return this.#link?.heardAt ?? -Infinity;
  }

  get roundTripMs(): number | undefined {
    return this.#link?.stats.roundTripMs;
  }

  /** RTP packets sent, by kind. */
  get packets(): MediaSender["packets"] {
    return this.#media?.packets ?? { video: 0, audio: 0 };
  }

  /** Leaves the adaptation to the next connection, or takes it up again. */
  setAdapting(isAdapting: boolean): void {
    for (const stream of this.streams) stream.setAdapting(isAdapting);
  }

  /** Notes how many frames the receiver has, where only this side knows. */
  updateAcked(): void {
    if (this.#isOver) return;
    for (const stream of this.streams) stream.updateAcked();
  }

  /** Frames that it took, didn't drop, and has no acknowledgement of yet. */
  get framesUndelivered(): number {
    return this.#framesGiven - this.#framesDropped - sum(
      this.streams,
      ({ tracker }) => tracker.framesAcked,
    );
  }

  /**
   * Frames that were dropped since the last sign of life, with all that waited
   * once it is closed.
   */
  get framesDroppedInSilence(): number {
    return this.#framesDropped - this.#droppedBefore;
  }

  get #framesDropped(): number {
    return sum(this.streams, ({ counters }) => counters.framesDropped);
  }

  /** Hangs up; the media waits for another connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#media?.[Symbol.dispose]();
    this.#link?.[Symbol.dispose]();
    await this.#peer.close();
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { signaling, post, log } = this.#options;
    const peer = this.#peer;
    await peer.setLocalDescription(await peer.createOffer());
    demandSockets(peer);
    const own = withSctpInit(peer, peer.localDescription!.sdp);
    const sdp = this.#media?.nameIn(own) ?? own;
    const answer = await postOffer(signaling, sdp, { ...post, signal });
    this.session = answer.session;
    this.name = answer.name;
    this.nodes = answer.nodes ?? [];
    await useAnswer(peer, answer.sdp, { url: signaling, log });
    await connectOrGiveUp(peer, { timeoutMs: PATIENCE_MS, signal });
    this.#link = new LinkMonitor(peer, {
      isWaiting: () => undeliveredBytes(peer) > 0,
      waitingSilenceMs: UNACKNOWLEDGED_SILENCE_MS,
    });
    void this.#watch(this.#link);
    await this.#whenOpen(this.#link, signal);
    this.#media?.start(() => this.#framesGiven > 0);
  }

  /** Waits until points can be sent. */
  async #whenOpen(link: LinkMonitor, signal: AbortSignal): Promise<void> {
    const dead = new AbortController();
    void this.ended.then(({ why, comesBack }) =>
      dead.abort(new ConnectionError(comesBack ? "failed" : "closed", why))
    );
    const timer = setTimeout(() => {
      const seconds = PATIENCE_MS / 1000;
      const message = `The data channel did not open within ${seconds} s`;
      dead.abort(new ConnectionError("timeout", message));
    }, PATIENCE_MS);
    try {
      const either = AbortSignal.any([signal, dead.signal]);
      // They share a path, and what is found out of it.
      let measured: Promise<number | undefined> | undefined;
      const probe = (channel: RTCDataChannel) =>
        measured ??= probePath(this.#peer, channel, either);
      await Promise.all(
        this.streams.map((stream) => stream.open(link, probe, either)),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #watch(link: LinkMonitor): Promise<void> {
    const { streams } = this;
    const lost = link.lost.then((how) => ({
      why: `The server was lost: ${how}`,
      comesBack: true,
    }));
    const closed = streams.map(async (stream) => ({
      why: await stream.closed,
      comesBack: comesBackAfter(stream.bye?.code),
    }));
    if (this.nodes.length > 0) {
      void streams[0].draining.then((reason) =>
        this.#sentAway.resolve(
          `The server sends its publishers to other nodes: ${reason}`,
        )
      );
    }
    const end = await Promise.race([...closed, lost]);
    this.#isOver = true;
    this.#ended.resolve(end);
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** The codecs that the media's video is offered in. */
function videoCodecsOf(media: MediaRelay | undefined): VideoCodecName[] {
  const names =
    media?.tracks.flatMap(({ codec }) =>
      codec === "opus" ? [] : [VIDEO_CODEC_NAMES[codec]]
    ) ?? [];
  return names.length > 0 ? [...new Set(names)] : ["vp8"];
}

const VIDEO_CODEC_NAMES = {
  VP8: "vp8",
  VP9: "vp9",
  H264: "h264",
  H265: "h265",
  AV1: "av1",
} as const;
