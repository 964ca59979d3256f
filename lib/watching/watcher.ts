import type { RTCDataChannel } from "werift";
import type { Logger } from "../log.ts";
import { type EncodedFrame, POINTS_PROTOCOL } from "../wire/frame.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import { AnsweredPeer, type AnswerOptions } from "../session/answered_peer.ts";
import type { Feed } from "../session/feed.ts";
import { rtpPathOf } from "../transport/install.ts";
import { remoteOf, sectionOf } from "../transport/rtp/section.ts";
import { addForwarding, noForwarding } from "../session/forwarding.ts";
import type { ByeCode, DrainingMessage } from "../wire/messages.ts";
import type { ForwardingCounters } from "../session/snapshot.ts";
import { frameChannelOf } from "../transport/frame_channel.ts";
import { watchSameHost } from "../transport/same_host.ts";
import { largestMessage } from "../transport/werift/peer.ts";
import { probePath } from "../publishing/path_probe.ts";
import { besideVideo } from "../publishing/video_share.ts";
import { FrameForwarder, type PointsRoom } from "./frame_forwarder.ts";
import { TrackForwarder, VIDEO_SHARE } from "./track_forwarder.ts";

/** What a watcher is made from. */
export interface WatcherOptions extends AnswerOptions {
  id: string;
  /** The feed that it is sent. */
  feed: Feed;
}

/**
 * A watcher of a session: a peer connection that is sent what the session
 * receives. A slow one makes no difference to the others.
 */
export class Watcher implements AsyncDisposable {
  readonly id: string;
  readonly #feed: Feed;
  readonly #call: AnsweredPeer;
  readonly #log: Logger;
  readonly #passedOver: LogThrottle;
  /** Where each of the feed's tracks goes, by its index. */
  readonly #tracks = new Map<number, TrackForwarder>();
  readonly #channels = new Map<RTCDataChannel, FrameForwarder>();
  /** What channels that are closed have come to. */
  #counters = noForwarding();
  #joined: Disposable | undefined;
  #notice: DrainingMessage | undefined;
  #newest: EncodedFrame | undefined;

  private constructor(options: WatcherOptions, log: Logger) {
    this.id = options.id;
    this.#feed = options.feed;
    this.#log = log;
    this.#passedOver = new LogThrottle(log);
    this.#call = new AnsweredPeer(
      {
        ...options,
        tracks: options.feed.tracks.map(({ codec }) => codec),
      },
      {
        onConnected: (remoteAddress) =>
          log.info("watcher connected", { remoteAddress }),
        onClosing: (reason, code) => this.#free(reason, code),
      },
      log,
    );
    this.#call.peer.onDataChannel.subscribe((channel) =>
      this.#addChannel(channel)
    );
  }

  /**
   * Answers an offer to watch. It connects, lives and ends by itself.
   *
   * @throws what werift throws for an offer that it can't answer; nothing is
   * left behind then.
   */
  static async answer(options: WatcherOptions, log: Logger): Promise<Watcher> {
    const watcher = new Watcher(options, log);
    await watcher.#call.answer(() => watcher.#addTracks());
    void watcher.#call.connected.then(() => watcher.#join());
    return watcher;
  }

  /** The SDP of the answer, with all candidates. */
  get answerSdp(): string {
    return this.#call.answerSdp;
  }

  /** Settles when it is over, with the reason in one sentence. */
  get closed(): Promise<string> {
    return this.#call.closed;
  }

  /** The limit that it was ended for, where it was one. */
  get brokenLimit(): SessionLimit | undefined {
    return this.#call.brokenLimit;
  }

  /** Points that it was sent so far. */
  get counters(): ForwardingCounters {
    return [...this.#channels.values()].reduce(
      (sum, { counters }) => addForwarding(sum, counters),
      this.#counters,
    );
  }

  /** Announces the end to the peer, now or as soon as a channel is open. */
  announce(notice: DrainingMessage): void {
    this.#notice = notice;
    for (const channel of this.#channels.keys()) {
      this.#call.tell(channel, notice);
    }
  }

  /** Ends it, tells the peer why, and frees everything. */
  close(reason: string, code: ByeCode = "ended"): Promise<void> {
    return this.#call.close(reason, code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("disposed");
  }

  #addTracks(): void {
    const { peer } = this.#call;
    const path = rtpPathOf(peer);
    const remote = remoteOf(peer);
    for (const transceiver of peer.getTransceivers()) {
      const index = this.#call.trackOf(transceiver.mid);
      if (index === undefined || path === undefined) {
        transceiver.setDirection("inactive");
        continue;
      }
      transceiver.setDirection("sendonly");
      const track = this.#feed.tracks[index];
      const section = sectionOf(peer, transceiver, remote);
      this.#tracks.set(index, new TrackForwarder(track, section, path));
    }
  }

  #join(): void {
    if (this.#call.isClosing) return;
    const counters = () => this.counters;
    this.#joined = this.#feed.join({
      get forwarded() {
        return counters();
      },
      onFrame: (frame) => this.#forward(frame),
      onPacket: (track, packet) => this.#tracks.get(track)?.send(packet),
      onClock: (track, clock) => this.#tracks.get(track)?.synchronize(clock),
    });
  }

  #forward(frame: EncodedFrame): void {
    this.#newest = frame;
    for (const channel of this.#channels.values()) channel.send(frame);
  }

  #addChannel(channel: RTCDataChannel): void {
    const { label, protocol } = channel;
    this.#call.guard.channel();
    if (this.#call.isClosing) return;
    if (protocol !== POINTS_PROTOCOL) {
      this.#passedOver.info("data channel passed over", {
        channel: label,
        protocol,
      });
      return;
    }
    const start = () => {
      if (channel.readyState !== "open" || this.#call.isClosing) return;
      if (!this.#channels.has(channel)) this.#startChannel(channel);
    };
    channel.stateChanged.subscribe((state) => {
      if (state === "open") start();
      if (state === "closed") this.#removeChannel(channel);
    });
    start();
  }

  #startChannel(channel: RTCDataChannel): void {
    const forwarder = new FrameForwarder(
      frameChannelOf(channel, this.#call.peer),
      {
        maxMessageBytes: largestMessage(this.#call.peer),
        thinner: this.#feed.thinner,
        measure: () => this.#measure(channel),
        tell: (message) => this.#call.tell(channel, message),
        log: this.#log,
      },
    );
    this.#channels.set(channel, forwarder);
    if (this.#notice !== undefined) this.#call.tell(channel, this.#notice);
    if (this.#newest !== undefined) forwarder.send(this.#newest);
  }

  /** What the points may take of the path, where that is known to be little. */
  async #measure(channel: RTCDataChannel): Promise<PointsRoom | undefined> {
    const { peer, signal } = this.#call;
    const rtp = rtpPathOf(peer);
    const isNearby = await watchSameHost(peer);
    const capacity = await probePath(peer, channel, signal);
    const { framesPerSecond } = this.#feed;
    if (capacity === undefined || framesPerSecond === undefined) return;
    // There it is rather a process that stands still.
    if (isNearby()) return;
    const total = capacity + (rtp?.estimate.mediaRate ?? 0);
    rtp?.estimate.suppose(total);
    const left = besideVideo(total, this.#mediaRate, VIDEO_SHARE);
    return { bytesPerSecond: 1000 * left, framesPerSecond };
  }

  /** What all tracks take, bytes a millisecond. */
  get #mediaRate(): number {
    const now = performance.now();
    let rate = 0;
    for (const index of this.#tracks.keys()) {
      rate += this.#feed.tracks[index].rateAt?.(now) ?? Infinity;
    }
    return rate;
  }

  #removeChannel(channel: RTCDataChannel): void {
    const counters = this.#channels.get(channel)?.counters;
    this.#counters = addForwarding(this.#counters, counters);
    this.#channels.delete(channel);
    if (!this.#call.isClosing) this.#call.channelClosed();
  }

  #free(reason: string, code: ByeCode): void {
    this.#joined?.[Symbol.dispose]();
    this.#log.info("watcher closed", { reason, ...this.counters });
    for (const channel of this.#channels.keys()) {
      this.#call.tell(channel, { type: "bye", reason, code });
    }
    this.#channels.clear();
  }
}
