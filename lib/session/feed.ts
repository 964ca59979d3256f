import type { MediaCodec, MediaKind, VideoProfile } from "../media/frame.ts";
import type { HeldBytes, HeldShare } from "../limits/held_bytes.ts";
import { KeyframeCache } from "../media/keyframe_cache.ts";
import type { RtpPacketView } from "../media/rtp.ts";
import type { ClockPair } from "../media/rtp_clock.ts";
import { RateMeter } from "../rate_meter.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { addForwarding, noForwarding } from "./forwarding.ts";
import { FrameThinner } from "./frame_thinner.ts";
import type { TrackFormat } from "../transport/sdp/profiles.ts";
import type { ForwardingCounters } from "./snapshot.ts";

/** A track of a session, as watchers see it. */
export interface FeedTrack {
  kind: MediaKind;
  /** What its publisher calls it, where it does. */
  name?: string;
  /** The codec negotiated first; undefined for one that is none of ours. */
  codec: MediaCodec | undefined;
  /** The profile of what comes, where its codec has several, once known. */
  profile?: VideoProfile;
  /** Hz of the RTP timestamps. */
  clockRate: number;
  /** Asks the publisher for a keyframe, now or soon (RFC 4585 PLI). */
  requestKeyframe(): void;
  /** What its packets take, bytes of payload a millisecond, once known. */
  rateAt?(now: number): number | undefined;
}

/** One stream of points, as watchers see it. */
export interface FeedStream {
  readonly name: string;
  /** The newest whole frame. */
  readonly newest: EncodedFrame;
  /** At which rate frames come, by when the last two were captured. */
  readonly framesPerSecond?: number;
}

/** Takes what a session receives, as it comes. `track` is its index. */
export interface FeedSink {
  /** How many watch through it. @default {1} */
  readonly watchers?: number;
  onFrame(frame: EncodedFrame): void;
  /** Called when a track's codec, or what is known of its profile, changes. */
  onFormat?(track: number, format: TrackFormat): void;
  onPacket(track: number, packet: RtpPacketView): void;
  /** Called with one moment on both of the track's clocks. */
  onClock(track: number, clock: ClockPair): void;
  /** Points that it has handed on so far; the counters never go down. */
  readonly forwarded?: ForwardingCounters;
}

/** Video of so much time is sent to one who joins. */
const MAX_PAST_S = 0.3;

/** Time constant of what a track takes, milliseconds. */
const RATE_MS = 1_000;

interface Track extends FeedTrack {
  readonly meter: RateMeter;
  clock?: ClockPair;
  cache?: KeyframeCache;
  readonly held?: HeldShare;
}

/**
 * Fans what one session receives out to its watchers, without encoding or
 * copying any of it again. A late watcher gets what shows something at once:
 * the newest cloud of each stream, and the video since its last keyframe.
 */
export class Feed {
  /** Makes frames with fewer points, for watchers that can't take all. */
  readonly thinner: FrameThinner = new FrameThinner();
  readonly #tracks: Track[] = [];
  readonly #sinks = new Set<FeedSink>();
  /** Counters of the sinks that left. */
  #forwarded = noForwarding();
  readonly #streams = new Map<string, FeedStream>();
  readonly #onChange: () => void;
  readonly #held: HeldBytes | undefined;
  readonly #heldFrames: HeldShare | undefined;

  /**
   * @param onChange is called when a sink joins or leaves.
   * @param held is told what is held of the tracks.
   */
  constructor(onChange: () => void = () => {}, held?: HeldBytes) {
    this.#onChange = onChange;
    this.#held = held;
    this.#heldFrames = held?.share();
  }

  /** The tracks so far, in the order of their indices. */
  get tracks(): readonly FeedTrack[] {
    return this.#tracks;
  }

  /** How many watch. */
  get watchers(): number {
    let count = 0;
    for (const { watchers = 1 } of this.#sinks) count += watchers;
    return count;
  }

  /** Counters of all sinks, those that left included. */
  get forwarded(): ForwardingCounters {
    return [...this.#sinks].reduce(
      (sum, { forwarded }) => addForwarding(sum, forwarded),
      this.#forwarded,
    );
  }

  /** The streams so far, in the order in which they came. */
  get streams(): FeedStream[] {
    return [...this.#streams.values()];
  }

  /** The stream of a name, if there is one. */
  stream(name: string): FeedStream | undefined {
    return this.#streams.get(name);
  }

  /** How much of the bytes of all streams are one's: 1 where it is alone. */
  shareOf(name: string): number {
    let own = 0;
    let sum = 0;
    for (const stream of this.#streams.values()) {
      const { newest, framesPerSecond = 0 } = stream;
      const rate = framesPerSecond * newest.bytes.length;
      if (stream.name === name) own = rate;
      sum += rate;
    }
    return sum === 0 ? 1 / Math.max(1, this.#streams.size) : own / sum;
  }

  /** Adds a track; its index is the number of those before it. */
  addTrack(track: FeedTrack): void {
    const meter = new RateMeter(RATE_MS);
    const rateAt = (now: number) => meter.rateAt(now);
    const held = this.#held?.share();
    const cache = cacheFor(track, held);
    this.#tracks.push({ ...track, rateAt, meter, held, cache });
  }

  /** Notes which codec comes: a publisher may have the choice of several. */
  setCodec(index: number, codec: MediaCodec): void {
    const track = this.#tracks[index];
    if (track.codec === codec) return;
    track.codec = codec;
    track.profile = undefined;
    track.held?.set(0);
    track.cache = cacheFor(track, track.held);
    for (const sink of this.#sinks) sink.onFormat?.(index, { codec });
  }

  /** Notes of which profile the codec that comes is. */
  setProfile(index: number, profile: VideoProfile): void {
    const track = this.#tracks[index];
    const { codec } = track;
    if (codec === undefined) return;
    track.profile = profile;
    for (const sink of this.#sinks) sink.onFormat?.(index, { codec, profile });
  }

  /** Hands one frame on. */
  frame(frame: EncodedFrame): void {
    const { stream: name } = frame;
    const before = this.#streams.get(name);
    const ms = frame.captureTime - (before?.newest.captureTime ?? NaN);
    // The publisher's clock may have been set back.
    const framesPerSecond = ms > 0 ? 1000 / ms : before?.framesPerSecond;
    this.#streams.set(name, { name, newest: frame, framesPerSecond });
    if (this.#streams.size > 1) this.#countHeld();
    for (const sink of this.#sinks) sink.onFrame(frame);
  }

  /** Hands one packet of a track on; it must stay unchanged. */
  packet(track: number, packet: RtpPacketView): void {
    const { meter, cache } = this.#tracks[track];
    meter.add(packet.payload.length, performance.now());
    cache?.push(packet);
    for (const sink of this.#sinks) sink.onPacket(track, packet);
  }

  /** Hands a moment on a track's clocks on. */
  clock(track: number, clock: ClockPair): void {
    this.#tracks[track].clock = clock;
    for (const sink of this.#sinks) sink.onClock(track, clock);
  }

  /** Begins to watch, until it is disposed of. */
  join(sink: FeedSink): Disposable {
    this.#tracks.forEach(({ clock, cache, ...track }, index) => {
      if (clock !== undefined) sink.onClock(index, clock);
      if (cache === undefined) return;
      // A longer past would take the path for longer than a keyframe takes to
      // come: the sink begins there.
      const isShort = cache.span <= MAX_PAST_S * track.clockRate;
      if (isShort) cache.packets.forEach((p) => sink.onPacket(index, p));
      if (!isShort || cache.packets.length === 0) track.requestKeyframe();
    });
    for (const { newest } of this.#streams.values()) sink.onFrame(newest);
    this.#sinks.add(sink);
    this.#onChange();
    return { [Symbol.dispose]: () => this.#leave(sink) };
  }

  /** Of one stream a frame is kept at any rate; those of others are counted. */
  #countHeld(): void {
    let sum = 0;
    let most = 0;
    for (const { newest } of this.#streams.values()) {
      sum += newest.bytes.length;
      most = Math.max(most, newest.bytes.length);
    }
    this.#heldFrames?.set(sum - most);
  }

  #leave(sink: FeedSink): void {
    if (!this.#sinks.delete(sink)) return;
    this.#forwarded = addForwarding(this.#forwarded, sink.forwarded);
    this.#onChange();
  }
}

function cacheFor(
  { kind, codec }: FeedTrack,
  held?: HeldShare,
): KeyframeCache | undefined {
  return kind === "video" && codec !== undefined
    ? new KeyframeCache(codec, held)
    : undefined;
}
