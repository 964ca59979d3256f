import type {
  RTCDataChannel,
  RTCPeerConnection,
  RTCRtpTransceiver,
} from "werift";
import { Histogram } from "../histogram.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { SessionLimits } from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import type { MediaFrame } from "../media/frame.ts";
import type { PointCloud } from "../points/cloud.ts";
import { ClockAsker } from "../wire/clock_asker.ts";
import { type EncodedFrame, POINTS_PROTOCOL } from "../wire/frame.ts";
import { FrameDecoders } from "../wire/frame_decoders.ts";
import {
  AnsweredPeer,
  type AnsweredPeerEvents,
  type AnswerOptions,
} from "./answered_peer.ts";
import { Feed } from "./feed.ts";
import { FedStreams } from "./fed_streams.ts";
import { FedPeer, type FedPeerOptions, type SessionCall } from "./fed_peer.ts";
import { LATENCY_BOUNDS_S, observeLatency } from "./latency.ts";
import { rtpPathOf } from "../transport/install.ts";
import { MediaReceiver } from "../transport/rtp/media_receiver.ts";
import { isSent, remoteOf, sectionOf } from "../transport/rtp/section.ts";
import type { Description } from "../transport/sdp/description.ts";
import { PointsReceiver } from "./points_receiver.ts";
import type { ByeCode, DrainingMessage } from "../wire/messages.ts";
import {
  type SessionSnapshot,
  type SessionState,
  summarizeAudio,
  summarizeVideo,
} from "./snapshot.ts";
import { SessionStreams } from "./session_streams.ts";
import { SummaryLog } from "./summary.ts";

/** What tells a session from others. */
export interface SessionIdentity {
  id: string;
  /** What people call it. @default {`id`} */
  name?: string;
  /** The session that it takes the place of. */
  resumes?: string;
}

/** What a session is made from. */
export interface SessionOptions extends AnswerOptions, SessionIdentity {}

/** What happens in a session while it lives. */
export interface SessionEvents {
  /** Called for each whole frame, as it came. */
  onFrame?(frame: EncodedFrame): void;
  /**
   * Called for each whole frame with its values, which are valid until the next
   * one comes. A session without this event decodes nothing.
   */
  onCloud?(cloud: PointCloud, frame: EncodedFrame): void;
  /**
   * Called for each whole frame of audio or video.
   *
   * @param track index of the track in the session.
   */
  onMediaFrame?(frame: MediaFrame, track: number): void;
}

/**
 * One publisher's connection on the server and all that belongs to it. It
 * shares nothing with any other session.
 */
export class Session implements AsyncDisposable {
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** What it receives, for its watchers. */
  readonly feed: Feed;
  /** What of it comes without data channels. */
  readonly fed: FedStreams;
  readonly #resumes: string | null;
  readonly #call: SessionCall;
  readonly #log: Logger;
  readonly #events: SessionEvents;
  readonly #streams = new SessionStreams();
  readonly #latency = new Histogram(LATENCY_BOUNDS_S);
  readonly #channels = new Map<RTCDataChannel, PointsReceiver>();
  readonly #tracks: MediaReceiver[] = [];
  readonly #createdAt = new Date();
  readonly #warnings: LogThrottle;
  readonly #decoders: FrameDecoders;
  readonly #channelLines: LogThrottle;
  #clock: ClockAsker | undefined;
  #summary: SummaryLog | undefined;
  #notice: DrainingMessage | undefined;

  private constructor(
    { id, name = id, resumes }: SessionIdentity,
    connect: (events: AnsweredPeerEvents) => SessionCall,
    { events, log }: { events: SessionEvents; log: Logger },
  ) {
    this.id = id;
    this.name = name;
    this.#resumes = resumes ?? null;
    this.#events = events;
    this.#log = log;
    this.#warnings = new LogThrottle(log);
    this.#channelLines = new LogThrottle(log);
    this.#call = connect({
      onConnected: (remoteAddress) => {
        this.#summary = new SummaryLog(() => this.snapshot(), log);
        this.#call.guard.connected();
        log.info("session connected", { remoteAddress });
      },
      onClosing: (reason, code) => this.#free(reason, code),
    });
    const { guard } = this.#call;
    this.#decoders = new FrameDecoders(guard.limits.frameBytes);
    this.feed = new Feed(undefined, guard.held);
    this.fed = new FedStreams(this.#call, (label) =>
      this.#makeReceiver(
        { label, protocol: POINTS_PROTOCOL },
        { log: log.child({ stream: label }), tell: () => {} },
      ));
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
    let call!: AnsweredPeer;
    const session = new Session(
      options,
      (events) => call = new AnsweredPeer(options, events, log),
      { events, log },
    );
    const { peer } = call;
    peer.onDataChannel.subscribe((channel) => session.#addChannel(channel));
    await call.answer(() => {
      const remote = remoteOf(peer);
      for (const transceiver of peer.getTransceivers()) {
        transceiver.setDirection("recvonly");
        if (isSent(transceiver)) session.#addTrack(peer, transceiver, remote);
      }
    });
    return session;
  }

  /**
   * Makes the session of a publisher without a peer connection, whose messages
   * {@linkcode fed} takes. It ends by itself.
   */
  static open(
    options: SessionIdentity & FedPeerOptions,
    events: SessionEvents,
    log: Logger,
  ): Session {
    let call!: FedPeer;
    const session = new Session(
      options,
      (events) => call = new FedPeer(options, events),
      {
        events: {
          ...events,
          onFrame(frame) {
            call.heard();
            events.onFrame?.(frame);
          },
        },
        log,
      },
    );
    call.start();
    return session;
  }

  /** Settles when the session is over, with the reason in one sentence. */
  get closed(): Promise<string> {
    return this.#call.closed;
  }

  /** Resolves when ICE and DTLS are up, before anything can come. */
  get connected(): Promise<void> {
    return this.#call.connected;
  }

  /** The SDP of the answer, with all candidates. */
  get answerSdp(): string {
    return this.#call.answerSdp;
  }

  get state(): SessionState {
    return this.#call.state;
  }

  /** Why it ended, for programs; none while it lives. */
  get endCode(): ByeCode | undefined {
    return this.#call.endCode;
  }

  /** Bytes of points and media so far. */
  get bytesReceived(): number {
    return this.#tracks.reduce(
      (sum, { counters }) => sum + counters.bytes,
      this.#streams.bytes,
    );
  }

  /** State and counters, as plain data. */
  snapshot(): SessionSnapshot {
    const tracks = this.#tracks.map((track) => track.counters);
    return {
      id: this.id,
      name: this.name,
      resumes: this.#resumes,
      state: this.state,
      createdAt: this.#createdAt.toISOString(),
      connectedAt: this.#call.connectedAt?.toISOString() ?? null,
      remoteAddress: this.#call.remoteAddress ?? null,
      brokenLimit: this.#call.brokenLimit ?? null,
      watchers: this.feed.watchers,
      forwarded: this.feed.forwarded,
      link: this.#call.link,
      latency: this.#latency.snapshot(),
      clock: this.#clock?.offset ?? null,
      points: this.#streams.total,
      streams: this.#streams.snapshot(),
      video: summarizeVideo(tracks),
      audio: summarizeAudio(tracks),
      tracks,
      unusedSections: [...this.#call.unusedSections],
    };
  }

  /** Number of the newest frame of each stream. */
  get lastFrames(): Map<string, number> {
    return this.#streams.lastFrames;
  }

  /**
   * Goes on where another session of the same client ended: frames of a stream
   * that are missing after its number count as skipped here. Call before the
   * first comes.
   */
  continueAfter(lastFrames: ReadonlyMap<string, number>): void {
    this.#streams.continueAfter(lastFrames);
  }

  /** What its publisher is held to. */
  get limits(): SessionLimits {
    return this.#call.guard.limits;
  }

  /** The number that the next frame of a stream has, counted up. */
  nextNumber(stream: string): number {
    const { lastFrame } = this.#streams.of(stream).counters;
    return lastFrame === null ? 0 : (lastFrame + 1) >>> 0;
  }

  /** Announces the end to the peer, now or as soon as a channel is open. */
  announce(notice: DrainingMessage): void {
    this.#notice = notice;
    for (const channel of this.#channels.keys()) this.#announce(channel);
  }

  /** Ends the session, tells the peer why, and frees everything. */
  close(reason: string, code: ByeCode = "ended"): Promise<void> {
    return this.#call.close(reason, code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("disposed");
  }

  /** The original's clients take no text. */
  #announce(channel: RTCDataChannel): void {
    if (this.#notice === undefined || channel.protocol === "") return;
    this.#call.tell(channel, this.#notice);
  }

  #addChannel(channel: RTCDataChannel): void {
    const { label, protocol } = channel;
    const log = this.#log.child({ channel: label });
    this.#call.guard.channel();
    if (this.#call.isClosing) return;
    this.#channelLines.info("data channel opened", {
      channel: label,
      protocol,
    });
    // werift tells of a channel just before it opens it for sending, and the
    // first message may come before either is known here.
    const start = (): PointsReceiver | undefined => {
      if (channel.readyState !== "open" || this.#call.isClosing) {
        return undefined;
      }
      let receiver = this.#channels.get(channel);
      if (receiver === undefined) {
        receiver = this.#makeReceiver(channel, {
          log,
          tell: (text) => this.#call.tell(channel, text),
          clock: channel.protocol === POINTS_PROTOCOL
            ? this.#clockOf(channel)
            : undefined,
        });
        this.#channels.set(channel, receiver);
        this.#announce(channel);
        this.#clock?.start();
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

  #makeReceiver(
    { label, protocol }: Pick<RTCDataChannel, "label" | "protocol">,
    { log, tell, clock }: {
      log: Logger;
      tell(text: string): void;
      clock?: ClockAsker;
    },
  ): PointsReceiver {
    const stream = this.#streams.of(label);
    return new PointsReceiver({
      stream: stream.name,
      protocol,
      sendText: tell,
      counters: stream.counters,
      log,
      warnings: this.#warnings,
      guard: this.#call.guard,
      decoders: this.#decoders,
      clock,
      onFrame: (frame) => {
        // The original's dialect carries no capture times.
        if (protocol !== "") observeLatency(this.#latency, frame);
        this.feed.frame(frame);
        this.#events.onFrame?.(frame);
      },
      onPlace: (place) => stream.place = place,
      onCloud: this.#events.onCloud?.bind(this.#events),
    });
  }

  /** Compares the peer's clock, over the first channel that can. */
  #clockOf(channel: RTCDataChannel): ClockAsker {
    return this.#clock ??= new ClockAsker((question) =>
      this.#call.tell(channel, question)
    );
  }

  #removeChannel(channel: RTCDataChannel): void {
    this.#channels.get(channel)?.[Symbol.dispose]();
    this.#channels.delete(channel);
    if (this.state !== "connected" || this.#call.isClosing) return;
    const { label } = channel;
    this.#channelLines.info("data channel closed", { channel: label });
    this.#call.channelClosed();
  }

  #addTrack(
    peer: RTCPeerConnection,
    transceiver: RTCRtpTransceiver,
    remote?: Description,
  ): void {
    const { guard } = this.#call;
    const path = rtpPathOf(peer);
    if (path === undefined) return;
    const index = this.#tracks.length;
    const section = sectionOf(peer, transceiver, remote);
    const receiver = new MediaReceiver({
      section,
      link: path,
      held: guard.held.share(),
      log: this.#log.child({ track: index }),
      onFrame: (frame) => this.#events.onMediaFrame?.(frame, index),
      onPacket: (packet) => {
        guard.useful();
        this.feed.packet(index, packet);
      },
      onCodec: (codec) => this.feed.setCodec(index, codec),
      onProfile: (profile) => this.feed.setProfile(index, profile),
      onClock: (clock) => this.feed.clock(index, clock),
    });
    path.addReceiver(receiver);
    this.#tracks.push(receiver);
    const { kind, name, codec, clockRate } = section;
    this.feed.addTrack({
      ...{ kind, name, codec, clockRate },
      requestKeyframe: () => receiver.requestKeyframe(),
    });
  }

  #free(reason: string, code: ByeCode): void {
    this.#summary?.[Symbol.dispose]();
    this.#clock?.[Symbol.dispose]();
    for (const [channel, receiver] of this.#channels) {
      receiver[Symbol.dispose]();
      if (channel.protocol === "") continue;
      this.#call.tell(channel, { type: "bye", reason, code });
    }
    this.#channels.clear();
    this.fed[Symbol.dispose]();
    for (const track of this.#tracks) track[Symbol.dispose]();
  }
}
