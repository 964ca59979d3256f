import type { FrameConverter } from "../../hosting/frame_converter.ts";
import type { SessionFeeds } from "../../hosting/session_feeds.ts";
import type { RtpPacketView } from "../../media/rtp.ts";
import {
  type ClockPair,
  ntpTimeAt,
  unixTimeOf,
} from "../../media/rtp_clock.ts";
import type { StampedTransform } from "../../ros/write_messages.ts";
import type { Feed, FeedSink } from "../../session/feed.ts";
import { noForwarding } from "../../session/forwarding.ts";
import type { ForwardingCounters } from "../../session/snapshot.ts";
import type { TrackFormat } from "../../transport/sdp/profiles.ts";
import type { ClockOffset } from "../../wire/clock_offset.ts";
import { type EncodedFrame, ownCaptureTime } from "../../wire/frame.ts";
import { ToldPlace } from "../../wire/stream_place.ts";
import type { ChannelContent } from "./catalog.ts";
import type { ChannelMessage } from "./channel_message.ts";
import { frameName, transformOf } from "./frame_names.ts";
import { StreamMessages } from "./stream_messages.ts";
import { TrackMessages } from "./track_messages.ts";
import { Wanted } from "./wanted.ts";

/** What of a session needs its feed. */
export type TappedContent = Exclude<ChannelContent, { kind: "statistics" }>;

export interface SessionTapOptions {
  feeds: Pick<SessionFeeds, "open">;
  session: { id: string; name: string };
  converter: Pick<FrameConverter, "convert">;
  /** Called with each message of what is wanted. */
  onMessage(content: TappedContent, message: ChannelMessage): void;
  /** Called before a cloud that stands elsewhere than the one before. */
  onTransform(transform: StampedTransform): void;
  /** Called with what went wrong. */
  onError(error: unknown): void;
}

/** The feed of one session, and the messages that are made of it for all. */
export class SessionTap implements Disposable, FeedSink {
  readonly forwarded: ForwardingCounters = noForwarding();
  readonly #options: SessionTapOptions;
  readonly #life = new DisposableStack();
  readonly #streams = new Wanted((stream: string) => this.#readStream(stream));
  readonly #tracks = new Wanted((track: number) => this.#readTrack(track));
  readonly #watchers = new Wanted(() => {});
  readonly #clocks = new Map<number, ClockPair>();
  readonly #places = new Map<string, ToldPlace>();
  #clock: ClockOffset | undefined;
  /** The feed, once it has been joined. */
  #feed: Feed | undefined;

  /** Takes the feed, until it is disposed of or the session is over. */
  constructor(options: SessionTapOptions) {
    this.#options = options;
    void this.#join().catch(options.onError);
  }

  /** How many have something of it. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /**
   * Has messages made of something for one client, until it is disposed of.
   */
  want(content: TappedContent, client: object): Disposable {
    const life = new DisposableStack();
    life.use(this.#watchers.want(client));
    life.use(
      content.kind === "stream"
        ? this.#streams.want(content.stream)
        : this.#tracks.want(content.track),
    );
    return life;
  }

  /**
   * Has one who comes late see something: the newest cloud, which it returns or
   * has made, or a keyframe soon.
   */
  greet(content: TappedContent): ChannelMessage | undefined {
    // Before there is a feed it begins with just that.
    if (this.#feed === undefined) return undefined;
    if (content.kind === "track") {
      this.#tracks.get(content.track)?.requestKeyframe();
      return undefined;
    }
    const messages = this.#streams.get(content.stream);
    if (messages?.newest !== undefined) return messages.newest;
    const frame = this.frameOf(content.stream);
    if (frame !== undefined) messages?.push(frame);
  }

  /** The newest frame of a stream, if it is known. */
  frameOf(stream: string): EncodedFrame | undefined {
    return this.#feed?.stream(stream)?.newest;
  }

  /** Takes note of how the publisher's clock and this machine's compare. */
  setClock(clock: ClockOffset | undefined): void {
    this.#clock = clock;
  }

  onFrame(frame: EncodedFrame): void {
    const { stream, place = {}, clock } = frame;
    this.#clock = clock ?? this.#clock;
    const messages = this.#streams.get(stream);
    if (messages === undefined) return;
    if (this.#toldPlace(stream).isNews(place)) {
      const { session: { name: session }, onTransform } = this.#options;
      const stamp = ownCaptureTime(frame);
      const transform = transformOf({ session, stream, place, stamp });
      if (transform !== undefined) onTransform(transform);
    }
    messages.push(frame);
  }

  onFormat(track: number, { codec }: TrackFormat): void {
    this.#tracks.get(track)?.setCodec(codec);
  }

  onPacket(track: number, packet: RtpPacketView): void {
    this.#tracks.get(track)?.push(packet);
  }

  onClock(track: number, clock: ClockPair): void {
    this.#clocks.set(track, clock);
  }

  [Symbol.dispose](): void {
    this.#life.dispose();
  }

  async #join(): Promise<void> {
    const { feeds, session } = this.#options;
    const lease = await feeds.open(session.id);
    if (this.#life.disposed) return lease[Symbol.dispose]();
    this.#life.use(lease);
    this.#feed = lease.feed;
    this.#life.use(lease.feed.join(this));
  }

  #readStream(stream: string): StreamMessages {
    const { session, converter, onMessage, onError } = this.#options;
    return new StreamMessages({
      session: session.name,
      converter,
      forwarded: this.forwarded,
      onMessage: (message) => onMessage({ kind: "stream", stream }, message),
      onError,
    });
  }

  #readTrack(index: number): TrackMessages {
    const { session: { id, name }, onMessage } = this.#options;
    const track = this.#feed!.tracks[index];
    return new TrackMessages({
      track,
      key: `${id} ${index}`,
      frameId: frameName(name, track.name ?? track.kind),
      stampOf: (timestamp) => this.#stampOf(index, timestamp),
      onMessage: (message) =>
        onMessage({ kind: "track", track: index }, message),
    });
  }

  #toldPlace(stream: string): ToldPlace {
    const told = this.#places.get(stream) ?? new ToldPlace();
    this.#places.set(stream, told);
    return told;
  }

  /** When something was captured, by this machine's clock. */
  #stampOf(track: number, timestamp: number): number {
    const pair = this.#clocks.get(track);
    if (pair === undefined) return Date.now();
    const { clockRate } = this.#feed!.tracks[track];
    const time = unixTimeOf(ntpTimeAt(pair, timestamp, clockRate));
    return time - (this.#clock?.offset ?? 0);
  }
}
