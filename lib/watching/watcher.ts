import type { RTCDataChannel } from "werift";
import type { Logger } from "../log.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import type { Selection } from "../points/select.ts";
import { AnsweredPeer, type AnswerOptions } from "../session/answered_peer.ts";
import type { Feed } from "../session/feed.ts";
import type { OpenSelection } from "../session/frame_thinner.ts";
import { rtpPathOf } from "../transport/install.ts";
import { remoteOf, sectionOf } from "../transport/rtp/section.ts";
import type { UntakenTrack } from "../transport/sdp/foreign_offer.ts";
import { nameOfFormat, type TrackFormat } from "../transport/sdp/profiles.ts";
import type { ByeCode, DrainingMessage } from "../wire/messages.ts";
import type { ForwardingCounters } from "../session/snapshot.ts";
import { watchSameHost } from "../transport/same_host.ts";
import { probePath } from "../publishing/path_probe.ts";
import { besideVideo } from "../publishing/video_share.ts";
import type { PointsRoom } from "./frame_forwarder.ts";
import { StreamChannels } from "./stream_channels.ts";
import { TrackForwarder, VIDEO_SHARE } from "./track_forwarder.ts";

/** What a watcher is made from. */
export interface WatcherOptions extends AnswerOptions {
  id: string;
  /** The feed that it is sent. */
  feed: Feed;
  /** The part of its clouds that is wanted. @default {all of them} */
  selection?: Selection;
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
  /** Where each of the feed's tracks goes, by its index. */
  readonly #tracks = new Map<number, TrackForwarder>();
  readonly #points: StreamChannels;
  /** Tracks that it was told it isn't sent, each with its codec. */
  readonly #untaken = new Set<string>();
  readonly #selection: OpenSelection | undefined;
  #joined: Disposable | undefined;

  private constructor(options: WatcherOptions, log: Logger) {
    this.id = options.id;
    this.#feed = options.feed;
    this.#log = log;
    const { feed, selection } = options;
    this.#selection = selection && feed.thinner.open(selection);
    this.#call = new AnsweredPeer(
      {
        ...options,
        tracks: options.feed.tracks.map(({ codec, profile }) =>
          codec && { codec, profile }
        ),
        trackNames: options.feed.tracks.map(({ name }) => name),
      },
      {
        onConnected: (remoteAddress) =>
          log.info("watcher connected", { remoteAddress }),
        onClosing: (reason, code) => this.#free(reason, code),
      },
      log,
    );
    this.#points = new StreamChannels({
      call: this.#call,
      feed: this.#feed,
      selection: this.#selection,
      measure: (channel, stream) => this.#measure(channel, stream),
      log,
    });
    this.#call.peer.onDataChannel.subscribe((channel) =>
      this.#points.add(channel)
    );
  }

  /**
   * Answers an offer to watch. It connects, lives and ends by itself.
   *
   * @throws what werift throws for an offer that it can't answer; nothing is
   * left behind then.
   * @throws {SelectionsError} where others want too many other parts.
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

  /** Whether it says goodbye, or is over. */
  get isClosing(): boolean {
    return this.#call.isClosing;
  }

  /** The limit that it was ended for, where it was one. */
  get brokenLimit(): SessionLimit | undefined {
    return this.#call.brokenLimit;
  }

  /** What it was sent so far. */
  get counters(): ForwardingCounters {
    const tracksUntaken = this.#untaken.size;
    return { ...this.#points.counters, tracksUntaken };
  }

  /** Announces the end to the peer, now or as soon as a channel is open. */
  announce(notice: DrainingMessage): void {
    this.#points.announce(notice);
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
    for (const track of this.#call.untakenTracks) this.#tellUntaken(track);
  }

  #setFormat(track: number, format: TrackFormat): void {
    const forwarder = this.#tracks.get(track);
    if (forwarder === undefined || forwarder.setFormat(format)) return;
    const { codec } = format;
    const { kind } = this.#feed.tracks[track];
    const name = nameOfFormat(format);
    const reason = `the ${kind} is ${name} now, which was not agreed on`;
    this.#tellUntaken({ track, kind, codec, reason });
  }

  /** Once for each codec: a publisher may change to and fro. */
  #tellUntaken(untaken: UntakenTrack): void {
    const { track, codec } = untaken;
    const name = `${track} ${codec}`;
    if (this.#untaken.has(name)) return;
    this.#untaken.add(name);
    this.#log.info("track not sent", { ...untaken });
    this.#points.tellUntaken({ type: "untaken", ...untaken });
  }

  #join(): void {
    if (this.#call.isClosing) return;
    const counters = () => this.counters;
    this.#joined = this.#feed.join({
      get forwarded() {
        return counters();
      },
      onFrame: (frame) => this.#points.forward(frame),
      onFormat: (track, format) => this.#setFormat(track, format),
      onPacket: (track, packet) => this.#tracks.get(track)?.send(packet),
      onClock: (track, clock) => {
        const message = this.#tracks.get(track)?.synchronize(clock);
        if (message !== undefined) this.#points.tellClock(message);
      },
    });
  }

  /**
   * What a stream may take of the path, where that is known to be little: of
   * what the points may take as much as it is of all points.
   */
  async #measure(
    channel: RTCDataChannel,
    stream: string,
  ): Promise<PointsRoom | undefined> {
    const { peer, signal } = this.#call;
    const rtp = rtpPathOf(peer);
    const isNearby = await watchSameHost(peer);
    const capacity = await probePath(peer, channel, signal);
    const { framesPerSecond } = this.#feed.stream(stream) ?? {};
    if (capacity === undefined || framesPerSecond === undefined) return;
    // There it is rather a process that stands still.
    if (isNearby()) return;
    const total = capacity + (rtp?.estimate.mediaRate ?? 0);
    rtp?.estimate.suppose(total);
    const left = besideVideo(total, this.#mediaRate, VIDEO_SHARE);
    const share = this.#feed.shareOf(stream);
    return { bytesPerSecond: 1000 * left * share, framesPerSecond };
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

  #free(reason: string, code: ByeCode): void {
    this.#joined?.[Symbol.dispose]();
    this.#selection?.[Symbol.dispose]();
    this.#log.info("watcher closed", { reason, ...this.counters });
    this.#points.end({ type: "bye", reason, code });
  }
}
