import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { ClockAsker } from "../wire/clock_asker.ts";
import { settlesWithin } from "../async.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { Logger } from "../log.ts";
import type { MediaFrame } from "../media/frame.ts";
import { addUp } from "../publishing/totals.ts";
import { useAnswer } from "../signaling/use_answer.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";
import { connectOrGiveUp } from "../transport/connect.ts";
import { ConnectionError } from "../transport/errors.ts";
import {
  LinkMonitor,
  UNACKNOWLEDGED_SILENCE_MS,
} from "../transport/link_monitor.ts";
import {
  demandSockets,
  rtpPathOf,
  undeliveredBytes,
} from "../transport/install.ts";
import { createPeer, type PeerOptions } from "../transport/peer.ts";
import { MediaReceiver } from "../transport/rtp/media_receiver.ts";
import { isSent, sectionOf } from "../transport/rtp/section.ts";
import { type EncodedFrame, POINTS_PROTOCOL } from "../wire/frame.ts";
import type { PointsError } from "../points/errors.ts";
import type { ByeCode, StreamPlace } from "../wire/messages.ts";
import { FrameReceiver, type WatchCounters } from "./frame_receiver.ts";
import type { WatchedServer } from "./server.ts";

/** Why a program watches no more. */
export interface WatchEnd {
  /**
   * What the server said of the session, `lost` also where the server itself is
   * gone, or `left` where the program ended it.
   */
  code: ByeCode | "left";
  /** A clause for people. */
  reason: string;
}

export interface ConnectionOptions extends Pick<PeerOptions, "mtu"> {
  server: WatchedServer;
  /** Id of the session. */
  session: string;
  network?: PeerOptions["network"];
  /** Silence after which the server is taken for gone. @default {9_000} */
  silenceMs?: number;
  log: Logger;
}

export interface ConnectionEvents {
  /**
   * Called for each whole frame of points. What it throws as a `PointsError`
   * counts as a frame that can't be read.
   */
  onFrame(frame: EncodedFrame): void;
  /** Called with where a stream's coordinates stand, as far as is known. */
  onPlace(stream: string, place: StreamPlace): void;
  /**
   * Called for each whole frame of audio or video; without it neither is asked
   * for.
   */
  onMediaFrame?(frame: MediaFrame): void;
}

/** Label of the channel that is offered, as the page has it. */
const STREAM = "points";
/** Most streams of a session that are received. */
const MAX_STREAMS = 100;
/** Time for ICE and DTLS, and again for the server's hello, milliseconds. */
const PATIENCE_MS = 8_000;

/**
 * One peer connection that a session is watched over, and its WHEP resource.
 */
export class Connection implements AsyncDisposable {
  /** Settles when nothing comes any more. */
  readonly ended: Promise<WatchEnd>;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #peer: RTCPeerConnection;
  readonly #media: MediaReceiver[] = [];
  /** One for each channel: a stream each. */
  readonly #receivers: FrameReceiver[] = [];
  readonly #warnings: LogThrottle;
  readonly #clock: ClockAsker;
  readonly #hello = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<WatchEnd>();
  #location: URL | undefined;
  #link: LinkMonitor | undefined;
  #freed: Promise<void> | undefined;

  private constructor(options: ConnectionOptions, events: ConnectionEvents) {
    const { server, mtu, network, log } = options;
    this.#options = options;
    this.#events = events;
    this.ended = this.#ended.promise;
    this.#peer = createPeer({
      loopback: isLoopback(server.hostname),
      mtu,
      network,
      onError: (error) =>
        log.warn("the server's message was refused", { error }),
      onStock: (why) => log.warn("the data path is werift's", { why }),
      onMtu: (mtu) => log.debug("the path takes other packets", { mtu }),
    });
    this.#warnings = new LogThrottle(log);
    this.#peer.onDataChannel.subscribe((channel) => this.#listen(channel));
    const offered = this.#peer.createDataChannel(STREAM, {
      protocol: POINTS_PROTOCOL,
    });
    this.#clock = new ClockAsker((question) => {
      if (offered.readyState === "open") offered.send(JSON.stringify(question));
    });
    this.#listen(offered);
    if (events.onMediaFrame === undefined) return;
    for (const kind of ["video", "audio"] as const) {
      this.#peer.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  /**
   * Makes an offer, posts it, and waits until the server has said hello.
   *
   * @throws {NoSessionError} where there is no such session.
   * @throws {SignalingError} when the server can't be asked or says no.
   * @throws {ConnectionError} when no connection is made.
   * @throws the signal's reason when it is aborted.
   */
  static async open(
    options: ConnectionOptions,
    events: ConnectionEvents,
    signal: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(options, events);
    try {
      await connection.#connect(signal);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What came of all streams. */
  get counters(): WatchCounters {
    const sum = { frames: 0, bytes: 0, skipped: 0, invalid: 0 };
    for (const { counters } of this.#receivers) addUp(sum, counters);
    return sum;
  }

  /** Counts a frame that the program could not decode. */
  invalid(error: PointsError): void {
    this.#receivers[0].invalid(error);
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end({ code: "left", reason: "the program left" });
    await this.#freed;
  }

  #createReceiver(label: string): FrameReceiver {
    const { log } = this.#options;
    const { onFrame, onPlace } = this.#events;
    return new FrameReceiver(label, {
      onFrame,
      onHello: () => {
        this.#hello.resolve();
        if (this.#freed === undefined) this.#clock.start();
      },
      onTime: (message) => this.#clock.take(message),
      serverClock: () => this.#clock.offset,
      onPlace,
      onInvalid: (error) => this.#warnings.warn("frame passed over", { error }),
      onDraining: ({ reason, seconds }) =>
        log.warn("the server ends the session soon", { reason, seconds }),
      onBye: ({ reason, code }) => this.#end({ reason, code }),
    });
  }

  #listen(channel: RTCDataChannel): void {
    if (channel.protocol !== POINTS_PROTOCOL) return;
    // A server that opens ever more is not listened to.
    if (this.#receivers.length >= MAX_STREAMS) return;
    const receiver = this.#createReceiver(channel.label);
    this.#receivers.push(receiver);
    channel.onMessage.subscribe((message) => {
      if (this.#freed === undefined) receiver.push(message);
    });
    channel.stateChanged.subscribe((state) => {
      if (state !== "closed") return;
      this.#end({ code: "lost", reason: "the server closed the connection" });
    });
  }

  #receiveMedia(): void {
    const { onMediaFrame: onFrame } = this.#events;
    const path = rtpPathOf(this.#peer);
    if (onFrame === undefined || path === undefined) return;
    const { log } = this.#options;
    for (const transceiver of this.#peer.getTransceivers()) {
      if (!isSent(transceiver)) continue;
      const section = sectionOf(this.#peer, transceiver);
      const receiver = new MediaReceiver({ section, link: path, log, onFrame });
      path.addReceiver(receiver);
      this.#media.push(receiver);
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { server, session, silenceMs, log } = this.#options;
    const peer = this.#peer;
    await peer.setLocalDescription(await peer.createOffer());
    demandSockets(peer);
    const offer = peer.localDescription!.sdp;
    const { sdp, location } = await server.offer(session, offer, signal);
    this.#location = location;
    await useAnswer(peer, sdp, { url: server.endpoint(session), log });
    this.#receiveMedia();
    await connectOrGiveUp(peer, { timeoutMs: PATIENCE_MS, signal });
    const link = this.#link = new LinkMonitor(peer, {
      silenceMs,
      isWaiting: () => undeliveredBytes(peer) > 0,
      waitingSilenceMs: UNACKNOWLEDGED_SILENCE_MS,
      // Who only receives notices by a question that is not acknowledged.
      ask: () => this.#clock.askNow(),
    });
    void link.lost.then((reason) => this.#end({ code: "lost", reason }));
    await this.#whenGreeted(signal);
  }

  async #whenGreeted(signal: AbortSignal): Promise<void> {
    const over = this.ended.then(({ reason }) => {
      const why = `The server ended the session: ${reason}`;
      throw new ConnectionError("closed", why);
    });
    const greeted = Promise.race([this.#hello.promise, over]);
    if (await settlesWithin(PATIENCE_MS, greeted, signal)) return;
    throw new ConnectionError(
      "timeout",
      `The server did not say within ${PATIENCE_MS / 1000} s that it speaks ` +
        POINTS_PROTOCOL,
    );
  }

  #end(end: WatchEnd): void {
    if (this.#freed !== undefined) return;
    // A server that lost the session or stops has let go of the watcher itself.
    const tells = end.code === "left" || end.code === "lost";
    this.#freed = this.#free(tells ? this.#location : undefined);
    this.#ended.resolve(end);
  }

  async #free(location?: URL): Promise<void> {
    this.#clock[Symbol.dispose]();
    this.#link?.[Symbol.dispose]();
    for (const media of this.#media) media[Symbol.dispose]();
    const { server } = this.#options;
    await Promise.all([
      location && server.hangUp(location),
      this.#peer.close(),
    ]);
  }
}
