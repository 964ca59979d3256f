/**
 * A session's feed, carried to where it is watched, another Worker or another
 * node: what one side exports the other mirrors, for the watchers there.
 */
import type { RtpPacketView } from "../media/rtp.ts";
import type { ClockPair } from "../media/rtp_clock.ts";
import { Feed, type FeedSink } from "../session/feed.ts";
import type { TrackFormat } from "../transport/sdp/profiles.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { noForwarding } from "../session/forwarding.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { ForwardingCounters } from "../session/snapshot.ts";
import type { Watchable } from "../watching/watcher_registry.ts";
import type { FeedCarrier, FromExport, FromMirror } from "./feed_carrier.ts";

/** Frames that may be under way; what comes then waits, and the newest wins. */
const MAX_FRAMES_UNDER_WAY = 3;

/** The same for who wants all frames, and is busy now and then. */
export const RECORDED_FRAMES_UNDER_WAY = 8;

/** Time between two reports of what watchers were sent, milliseconds. */
const REPORT_MS = 500;
/** A mirror that doesn't report for so long is gone: its Worker has died. */
const MAX_SILENCE_MS = 60_000;

/**
 * Exports a session's feed until it ends, or its last watcher there leaves, or
 * nothing is heard from there any more.
 */
export class FeedExport implements FeedSink, Disposable {
  watchers = 0;
  forwarded: ForwardingCounters = noForwarding();
  readonly #carrier: FeedCarrier<FromExport, FromMirror>;
  readonly #joined: Disposable;
  readonly #mostUnderWay: number;
  #underWay = 0;
  #isOver = false;
  #leftOut = 0;
  #heardAt = performance.now();
  /** The newest frame of each stream that there was no room for. */
  readonly #waiting = new Map<string, EncodedFrame>();

  /** @param framesUnderWay that the other side takes at once. */
  constructor(
    watched: Watchable,
    carrier: FeedCarrier<FromExport, FromMirror>,
    framesUnderWay = MAX_FRAMES_UNDER_WAY,
  ) {
    const { feed } = watched;
    this.#carrier = carrier;
    this.#mostUnderWay = framesUnderWay;
    carrier.send({
      type: "tracks",
      tracks: feed.tracks.map(({ kind, name, codec, profile, clockRate }) => ({
        kind,
        name,
        codec,
        profile,
        clockRate,
      })),
    });
    carrier.listen((message) => {
      this.#heardAt = performance.now();
      switch (message.type) {
        case "taken":
          return this.#taken();
        case "keyframe":
          return feed.tracks[message.track]?.requestKeyframe();
        case "watchers":
          this.watchers = message.count;
          this.forwarded = message.forwarded;
          return;
        case "leave":
          return this[Symbol.dispose]();
      }
    });
    this.#joined = feed.join(this);
    void watched.closed.then((reason) => {
      if (this.#isOver) return;
      carrier.send({ type: "end", reason, code: watched.endCode ?? "ended" });
      this[Symbol.dispose]();
    });
  }

  onFrame(frame: EncodedFrame): void {
    if (this.#isUnheard()) return;
    if (this.#underWay >= this.#mostUnderWay) {
      if (this.#waiting.has(frame.stream)) this.#leftOut++;
      this.#waiting.set(frame.stream, frame);
      return;
    }
    this.#underWay++;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    this.#carrier.send({ type: "frame", frame, leftOut });
  }

  onFormat(track: number, format: TrackFormat): void {
    this.#carrier.send({ type: "format", track, format });
  }

  onPacket(track: number, packet: RtpPacketView): void {
    if (this.#isUnheard()) return;
    this.#carrier.send({ type: "packet", track, packet });
  }

  onClock(track: number, clock: ClockPair): void {
    this.#carrier.send({ type: "clock", track, clock });
  }

  /** Ends it; the other side isn't told. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#joined[Symbol.dispose]();
    this.#carrier.close();
  }

  #taken(): void {
    this.#underWay--;
    for (const [stream, frame] of this.#waiting) {
      this.#waiting.delete(stream);
      return this.onFrame(frame);
    }
  }

  /** A carrier says nothing where its other side has died. */
  #isUnheard(): boolean {
    const isUnheard = performance.now() - this.#heardAt > MAX_SILENCE_MS;
    if (isUnheard) this[Symbol.dispose]();
    return isUnheard;
  }
}

/** Options of a {@linkcode FeedMirror}. */
export interface FeedMirrorOptions {
  /**
   * Lets all else have its turn before another frame is asked for: for who is
   * busy with each. @default {false}
   */
  isBusy?: boolean;
  /** Called with how many frames were left out before one. */
  onLeftOut?(frames: number): void;
}

/** A session that lives elsewhere, as its watchers here see it. */
export class FeedMirror implements Watchable {
  readonly id: string;
  readonly feed: Feed = new Feed(() => this.#report());
  readonly closed: Promise<string>;
  /** Resolves when the session's tracks are known, or it is over. */
  readonly ready: Promise<void>;
  readonly #carrier: FeedCarrier<FromMirror, FromExport>;
  readonly #closed = Promise.withResolvers<string>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #options: FeedMirrorOptions;
  #goodbye: { reason: string; code: ByeCode } | undefined;

  constructor(
    id: string,
    carrier: FeedCarrier<FromMirror, FromExport>,
    options: FeedMirrorOptions = {},
  ) {
    this.id = id;
    this.#carrier = carrier;
    this.#options = options;
    this.closed = this.#closed.promise;
    this.ready = this.#ready.promise;
    carrier.listen((message) => this.#take(message));
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
  }

  get endCode(): ByeCode | undefined {
    return this.#goodbye?.code;
  }

  /** What is said of the end, once it is over. */
  get goodbye(): { reason: string; code: ByeCode } | undefined {
    return this.#goodbye;
  }

  /** Ends the watchers here, and lets the session's side go. */
  end(reason: string, code: ByeCode): void {
    if (this.#goodbye !== undefined) return;
    this.#goodbye = { reason, code };
    clearInterval(this.#timer);
    this.#report();
    this.#post({ type: "leave" });
    this.#carrier.close();
    this.#ready.resolve();
    this.#closed.resolve(reason);
  }

  #take(message: FromExport): void {
    switch (message.type) {
      case "tracks":
        message.tracks.forEach((track, index) => {
          const requestKeyframe = () =>
            this.#post({ type: "keyframe", track: index });
          this.feed.addTrack({ ...track, requestKeyframe });
        });
        return this.#ready.resolve();
      case "frame":
        return this.#takeFrame(message.frame, message.leftOut);
      case "format":
        return this.#setFormat(message.track, message.format);
      case "packet":
        return this.feed.packet(message.track, message.packet);
      case "clock":
        return this.feed.clock(message.track, message.clock);
      case "end":
        return this.end(message.reason, message.code);
    }
  }

  #takeFrame(frame: EncodedFrame, leftOut: number): void {
    const { isBusy = false, onLeftOut } = this.#options;
    if (leftOut > 0) onLeftOut?.(leftOut);
    this.feed.frame(frame);
    if (isBusy) setTimeout(() => this.#post({ type: "taken" }));
    else this.#post({ type: "taken" });
  }

  #setFormat(track: number, { codec, profile }: TrackFormat): void {
    this.feed.setCodec(track, codec);
    if (profile !== undefined) this.feed.setProfile(track, profile);
  }

  /**
   * Reports the watchers here, and what they were sent, to the session's side.
   */
  #report(): void {
    const { watchers: count, forwarded } = this.feed;
    this.#post({ type: "watchers", count, forwarded });
  }

  #post(message: FromMirror): void {
    this.#carrier.send(message);
  }
}
