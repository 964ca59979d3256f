import type {
  MediaStreamTrack,
  RTCDataChannel,
  RTCPeerConnection,
} from "werift";
import type { Logger } from "../log.ts";
import type { MediaFrame } from "../media/frame.ts";
import { ConnectionError } from "../transport/errors.ts";
import { LinkMonitor } from "../transport/link_monitor.ts";
import { createPeer, whenConnected } from "../transport/peer.ts";
import { MediaReceiver } from "./media_receiver.ts";
import { noPoints } from "./points_counters.ts";
import { PointsReceiver, type ReceivedCloud } from "./points_receiver.ts";
import type { ByeCode, ByeMessage } from "./protocol.ts";
import {
  type SessionSnapshot,
  type SessionState,
  summarizeAudio,
  summarizePoints,
  summarizeVideo,
} from "./snapshot.ts";
import { SummaryLog } from "./summary.ts";

/** What a session is made from: plain data. */
export interface SessionOptions {
  id: string;
  /** The offer's SDP. */
  offer: string;
  /** Answers with a loopback candidate too, for a peer on this machine. */
  loopback?: boolean;
  /** Largest IP packet, bytes; see `PeerOptions`. */
  mtu?: number;
  /** Time to connect in. @default {30_000} milliseconds */
  connectTimeoutMs?: number;
  /** Silence after which the peer is taken for gone. @default {9_000} */
  silenceMs?: number;
  /** The session that it takes the place of. */
  resumes?: string;
}

/** What a session tells while it lives. */
export interface SessionEvents {
  onCloud?(cloud: ReceivedCloud): void;
  /** `track` is the index of the track in the session. */
  onMediaFrame?(frame: MediaFrame, track: number): void;
}

/**
 * One publisher's peer connection on the server and all that belongs to it. It
 * shares nothing with any other session.
 */
export class Session implements AsyncDisposable {
  readonly id: string;
  /** Settles when the session is over, with the reason in one sentence. */
  readonly closed: Promise<string>;
  /** Resolves when ICE and DTLS are up, before anything can come. */
  readonly connected: Promise<void>;
  readonly #resumes: string | null;
  readonly #peer: RTCPeerConnection;
  readonly #log: Logger;
  readonly #events: SessionEvents;
  readonly #abort = new AbortController();
  readonly #points = noPoints();
  readonly #channels = new Map<RTCDataChannel, PointsReceiver>();
  readonly #tracks: MediaReceiver[] = [];
  readonly #createdAt = new Date();
  readonly #closed = Promise.withResolvers<string>();
  readonly #connected = Promise.withResolvers<void>();
  #connectedAt: Date | null = null;
  #link: LinkMonitor | undefined;
  #state: SessionState = "connecting";
  #closing: Promise<void> | undefined;
  #endCode: ByeCode | undefined;
  #answer = "";

  private constructor(
    options: SessionOptions,
    events: SessionEvents,
    log: Logger,
  ) {
    this.id = options.id;
    this.closed = this.#closed.promise;
    this.connected = this.#connected.promise;
    this.#resumes = options.resumes ?? null;
    this.#events = events;
    this.#log = log;
    this.#peer = createPeer({
      loopback: options.loopback,
      mtu: options.mtu,
      onError: (error) => log.warn("the peer's message was refused", { error }),
      onStock: (why) => log.warn("the data path is werift's", { why }),
    });
    this.#peer.onDataChannel.subscribe((channel) => this.#addChannel(channel));
    this.#peer.onTrack.subscribe((track) => this.#addTrack(track));
  }

  /**
   * Answers an offer. The session connects, lives and ends by itself.
   *
   * @throws what werift throws for an offer that it can't answer; nothing is
   * left behind then.
   */
  static async answer(
    options: SessionOptions,
    events: SessionEvents,
    log: Logger,
  ): Promise<Session> {
    const session = new Session(options, events, log);
    try {
      const peer = session.#peer;
      await peer.setRemoteDescription({ type: "offer", sdp: options.offer });
      for (const transceiver of peer.getTransceivers()) {
        transceiver.setDirection("recvonly");
      }
      await peer.setLocalDescription(await peer.createAnswer());
      session.#answer = peer.localDescription!.sdp;
    } catch (error) {
      await session.close("the offer could not be answered");
      throw error;
    }
    void session.#live(options);
    return session;
  }

  /** The SDP of the answer, with all candidates. */
  get answerSdp(): string {
    return this.#answer;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it ended, for programs; none while it lives. */
  get endCode(): ByeCode | undefined {
    return this.#endCode;
  }

  /** State and counters, as plain data. */
  snapshot(): SessionSnapshot {
    const tracks = this.#tracks.map((track) => track.counters);
    return {
      id: this.id,
      resumes: this.#resumes,
      state: this.#state,
      createdAt: this.#createdAt.toISOString(),
      connectedAt: this.#connectedAt?.toISOString() ?? null,
      remoteAddress: this.#link?.stats.remoteAddress ?? null,
      points: summarizePoints(this.#points),
      video: summarizeVideo(tracks),
      audio: summarizeAudio(tracks),
      tracks,
    };
  }

  /**
   * Goes on where another session of the same client ended: frames that are
   * missing after `frame` count as skipped here. Call before the first comes.
   */
  continueAfter(frame: number): void {
    this.#points.lastFrame ??= frame;
  }

  /** Ends the session, tells the peer why, and frees everything. */
  close(reason: string, code: ByeCode = "ended"): Promise<void> {
    return this.#closing ??= this.#close(reason, code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("disposed");
  }

  async #live(options: SessionOptions): Promise<void> {
    const { signal } = this.#abort;
    const { connectTimeoutMs = 30_000 } = options;
    using link = this.#link = new LinkMonitor(this.#peer, options);
    const connected = whenConnected(this.#peer, {
      timeoutMs: connectTimeoutMs,
      signal,
    });
    const failure = await Promise.race([
      connected.then(() => undefined, reasonOf),
      link.lost,
    ]);
    if (signal.aborted) return;
    if (failure !== undefined) return await this.close(failure, "lost");
    this.#state = "connected";
    this.#connectedAt = new Date();
    this.#connected.resolve();
    using _summary = new SummaryLog(() => this.snapshot(), this.#log);
    const { remoteAddress } = await link.update();
    this.#log.info("session connected", { remoteAddress });
    const end = await Promise.race([link.lost, this.closed]);
    await this.close(end, "lost");
  }

  #addChannel(channel: RTCDataChannel): void {
    const { label, protocol } = channel;
    const log = this.#log.child({ channel: label });
    log.info("data channel opened", { protocol });
    // werift tells of a channel just before it opens it for sending, and the
    // first message may come before either is known here.
    const start = (): PointsReceiver | undefined => {
      if (channel.readyState !== "open" || this.#closing) return undefined;
      let receiver = this.#channels.get(channel);
      if (receiver === undefined) {
        receiver = this.#makeReceiver(channel, log);
        this.#channels.set(channel, receiver);
      }
      return receiver;
    };
    channel.stateChanged.subscribe((state) => {
      if (state === "open") start();
      if (state === "closed") this.#removeChannel(channel);
    });
    channel.onMessage.subscribe((message) => start()?.receive(message));
    start();
  }

  #makeReceiver(channel: RTCDataChannel, log: Logger): PointsReceiver {
    return new PointsReceiver({
      protocol: channel.protocol,
      sendText: (text) => this.#sendText(channel, text),
      counters: this.#points,
      log,
      onCloud: this.#events.onCloud,
    });
  }

  /** Says something where it can be said: the peer may take no message so long. */
  #sendText(channel: RTCDataChannel, text: string): void {
    if (channel.readyState !== "open") return;
    try {
      channel.send(text);
    } catch (error) {
      this.#log.debug("message not sent", { channel: channel.label, error });
    }
  }

  #removeChannel(channel: RTCDataChannel): void {
    this.#channels.get(channel)?.[Symbol.dispose]();
    this.#channels.delete(channel);
    if (this.#state !== "connected" || this.#closing) return;
    this.#log.info("data channel closed", { channel: channel.label });
    // An aborted association closes every channel: the peer has hung up.
    if (this.#peer.sctpTransport?.sctp.state === "closed") {
      void this.close("the peer closed the connection", "lost");
    }
  }

  #addTrack(track: MediaStreamTrack): void {
    const transceiver = this.#peer.getTransceivers().find((t) =>
      t.receiver.tracks.includes(track)
    );
    if (transceiver === undefined) return;
    const index = this.#tracks.length;
    this.#tracks.push(
      new MediaReceiver({
        track,
        receiver: transceiver.receiver,
        log: this.#log.child({ track: index }),
        onFrame: (frame) => this.#events.onMediaFrame?.(frame, index),
      }),
    );
  }

  async #close(reason: string, code: ByeCode): Promise<void> {
    this.#endCode = code;
    this.#abort.abort();
    const bye: ByeMessage = { type: "bye", reason, code };
    for (const [channel, receiver] of this.#channels) {
      receiver[Symbol.dispose]();
      if (channel.protocol === "") continue;
      this.#sendText(channel, JSON.stringify(bye));
    }
    this.#channels.clear();
    for (const track of this.#tracks) track[Symbol.dispose]();
    try {
      await this.#peer.close();
    } finally {
      this.#state = "closed";
      this.#closed.resolve(reason);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ConnectionError ? error.message : String(error);
}
