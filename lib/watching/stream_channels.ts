import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { Logger } from "../log.ts";
import type { AnsweredPeer } from "../session/answered_peer.ts";
import type { Feed } from "../session/feed.ts";
import { addForwarding, noForwarding } from "../session/forwarding.ts";
import type { OpenSelection } from "../session/frame_thinner.ts";
import type { ForwardingCounters } from "../session/snapshot.ts";
import { frameChannelOf } from "../transport/frame_channel.ts";
import { largestMessage } from "../transport/werift/peer.ts";
import { ClockAnswerer } from "../wire/clock_asker.ts";
import { areSameOffsets, type ClockOffset } from "../wire/clock_offset.ts";
import { type EncodedFrame, POINTS_PROTOCOL } from "../wire/frame.ts";
import {
  type ByeMessage,
  type DrainingMessage,
  parseClientMessage,
  type TrackClockMessage,
  type UntakenMessage,
} from "../wire/messages.ts";
import { type StreamPlace, ToldPlace } from "../wire/stream_place.ts";
import { FrameForwarder, type PointsRoom } from "./frame_forwarder.ts";

export interface StreamChannelsOptions {
  call: WatchersCall;
  feed: Feed;
  /** The part of its clouds that is wanted. @default {all of them} */
  selection?: OpenSelection;
  /** Finds out what a stream may take of the path. */
  measure(
    channel: RTCDataChannel,
    stream: string,
  ): Promise<PointsRoom | undefined>;
  log: Logger;
}

/** Most characters of what a watcher says: a question for the time. */
const MAX_TEXT = 200;

/** What the channels take of the watcher's peer connection. */
type WatchersCall =
  & Pick<AnsweredPeer, "peer" | "isClosing" | "tell" | "channelClosed">
  & { guard: Pick<AnsweredPeer["guard"], "channel"> };

/** What carries one stream. */
interface Carrier {
  channel: RTCDataChannel;
  /** What the watcher was told of where its coordinates stand. */
  readonly told: ToldPlace;
  /** What it was told of the publisher's clock. */
  toldClock?: ClockOffset;
  /** The newest frame when it began, which may come from the feed as well. */
  first?: EncodedFrame;
  /** None before the channel is open, and when it is closed. */
  forwarder?: FrameForwarder;
}

/**
 * The points channels of one watcher, a stream each: the first stream goes over
 * the channel that the watcher offers, and each further one over a channel that
 * is opened for it. A stream whose channel the watcher closes isn't sent again.
 */
export class StreamChannels {
  readonly #options: StreamChannelsOptions;
  readonly #peer: RTCPeerConnection;
  readonly #passedOver: LogThrottle;
  readonly #clock = new ClockAnswerer();
  /** Offered, open, and without a stream so far. */
  readonly #free: RTCDataChannel[] = [];
  readonly #carriers = new Map<string, Carrier>();
  /** What channels that are closed have come to. */
  #past = noForwarding();
  #isWanted = false;
  #notice: DrainingMessage | undefined;
  /** What isn't sent, until there is a channel to say it over. */
  #untaken: UntakenMessage[] = [];
  /** The same of the newest clocks of tracks, by their sections. */
  readonly #clocks = new Map<string, TrackClockMessage>();

  constructor(options: StreamChannelsOptions) {
    this.#options = options;
    this.#peer = options.call.peer;
    this.#passedOver = new LogThrottle(options.log);
  }

  /** Points that went over them so far. */
  get counters(): ForwardingCounters {
    let sum = this.#past;
    for (const { forwarder } of this.#carriers.values()) {
      sum = addForwarding(sum, forwarder?.counters);
    }
    return sum;
  }

  /** Takes a channel that the watcher offers. */
  add(channel: RTCDataChannel): void {
    const { call } = this.#options;
    const { label, protocol } = channel;
    call.guard.channel();
    if (call.isClosing) return;
    if (protocol !== POINTS_PROTOCOL) {
      this.#passedOver.info("data channel passed over", {
        channel: label,
        protocol,
      });
      return;
    }
    this.#listen(channel);
    this.#whenOpen(channel, () => {
      this.#greet(channel);
      this.#isWanted = true;
      this.#free.push(channel);
      for (const { name } of this.#options.feed.streams) this.#carry(name);
    });
  }

  /** Hands a frame to the channel of its stream. */
  forward(frame: EncodedFrame): void {
    const { stream } = frame;
    const carrier = this.#carriers.get(stream);
    if (carrier === undefined) return this.#carry(stream);
    if (frame !== carrier.first) carrier.forwarder?.send(frame);
    carrier.first = undefined;
  }

  /** Tells of a track that isn't sent, now or as soon as a channel is open. */
  tellUntaken(message: UntakenMessage): void {
    this.#untaken.push(message);
    this.#passOn();
  }

  /** Tells of the clocks of a track, likewise; the newest are enough. */
  tellClock(message: TrackClockMessage): void {
    this.#clocks.set(message.mid, message);
    this.#passOn();
  }

  /** Announces the end, now or as soon as a channel is open. */
  announce(notice: DrainingMessage): void {
    this.#notice = notice;
    this.#tellAll(notice);
  }

  /** Says goodbye, and lets the channels go. */
  end(bye: ByeMessage): void {
    // On a slow path it would come after all that waits.
    for (const { forwarder } of this.#carriers.values()) forwarder?.stop();
    this.#tellAll(bye);
    for (const { forwarder } of this.#carriers.values()) {
      this.#past = addForwarding(this.#past, forwarder?.counters);
    }
    this.#carriers.clear();
    this.#free.length = 0;
  }

  #tellAll(message: DrainingMessage | ByeMessage): void {
    const { call } = this.#options;
    for (const channel of this.#free) call.tell(channel, message);
    for (const { channel } of this.#carriers.values()) {
      call.tell(channel, message);
    }
  }

  /** Gives a stream a channel, where it has none. */
  #carry(stream: string): void {
    if (!this.#isWanted || this.#carriers.has(stream)) return;
    const offered = this.#free.shift();
    const channel = offered ??
      this.#peer.createDataChannel(stream, { protocol: POINTS_PROTOCOL });
    const carrier: Carrier = { channel, told: new ToldPlace() };
    this.#carriers.set(stream, carrier);
    if (offered !== undefined) return this.#start(stream, carrier);
    this.#whenOpen(channel, () => {
      this.#greet(channel);
      this.#start(stream, carrier);
    });
  }

  #greet(channel: RTCDataChannel): void {
    const { call } = this.#options;
    call.tell(channel, { type: "hello", protocol: POINTS_PROTOCOL });
    this.#passTo(channel);
    if (this.#notice !== undefined) call.tell(channel, this.#notice);
  }

  #passOn(): void {
    const channels = [
      ...this.#free,
      ...[...this.#carriers.values()].map(({ channel }) => channel),
    ];
    const open = channels.find(({ readyState }) => readyState === "open");
    if (open !== undefined) this.#passTo(open);
  }

  #passTo(channel: RTCDataChannel): void {
    const { call } = this.#options;
    for (const message of this.#untaken) call.tell(channel, message);
    for (const message of this.#clocks.values()) call.tell(channel, message);
    this.#untaken = [];
    this.#clocks.clear();
  }

  #start(stream: string, carrier: Carrier): void {
    const { call, feed, selection, measure, log } = this.#options;
    const { channel } = carrier;
    const forwarder = carrier.forwarder = new FrameForwarder(
      frameChannelOf(channel, this.#peer),
      {
        maxMessageBytes: largestMessage(this.#peer),
        thinner: feed.thinner,
        selection,
        measure: () => measure(channel, stream),
        onBegin: ({ place, clock }) => {
          this.#tellPlace(stream, carrier, place);
          this.#tellClock(carrier, clock);
        },
        tell: (message) => call.tell(channel, message),
        log,
      },
    );
    const newest = carrier.first = feed.stream(stream)?.newest;
    this.#tellPlace(stream, carrier, newest?.place);
    if (newest !== undefined) forwarder.send(newest);
  }

  #tellPlace(
    stream: string,
    { channel, told }: Carrier,
    place: StreamPlace = {},
  ): void {
    if (!told.isNews(place)) return;
    this.#options.call.tell(channel, {
      ...{ type: "stream", name: stream },
      ...place,
    });
  }

  #tellClock(carrier: Carrier, clock: ClockOffset | undefined): void {
    const { channel, toldClock } = carrier;
    if (clock === undefined || areSameOffsets(clock, toldClock)) return;
    carrier.toldClock = clock;
    this.#options.call.tell(channel, { type: "clock", ...clock });
  }

  /** Answers what a watcher says: it may ask what time it is. */
  #listen(channel: RTCDataChannel): void {
    channel.onMessage.subscribe((text) => {
      if (typeof text !== "string" || text.length > MAX_TEXT) return;
      const message = parseClientMessage(text);
      if (message?.type !== "time") return;
      const answer = this.#clock.answer(message);
      if (answer !== undefined) this.#options.call.tell(channel, answer);
    });
  }

  /** Calls `onOpen` once the channel is open, now or later. */
  #whenOpen(channel: RTCDataChannel, onOpen: () => void): void {
    const { call } = this.#options;
    let isOpen = false;
    const look = () => {
      if (isOpen || channel.readyState !== "open" || call.isClosing) return;
      isOpen = true;
      onOpen();
    };
    channel.stateChanged.subscribe((state) => {
      if (state === "open") look();
      if (state === "closed") this.#closed(channel);
    });
    look();
  }

  #closed(channel: RTCDataChannel): void {
    const at = this.#free.indexOf(channel);
    if (at >= 0) this.#free.splice(at, 1);
    for (const carrier of this.#carriers.values()) {
      if (carrier.channel !== channel) continue;
      // It stays there, without what carried: nothing takes its place.
      this.#past = addForwarding(this.#past, carrier.forwarder?.counters);
      carrier.forwarder = undefined;
    }
    const { call } = this.#options;
    if (!call.isClosing) call.channelClosed();
  }
}
