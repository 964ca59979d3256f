import { beginsKeyframe } from "../media/keyframe.ts";
import type { MediaSourceEvents } from "../media/media_source.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp } from "../media/rtp.ts";
import type { SenderReport } from "../media/rtp_clock.ts";
import type { SentMedia } from "./sent_media.ts";

/** What video is asked to take, bits a second. */
export interface VideoAsked {
  /** What it is asked to take now. */
  now: number;
  /** The least so far. */
  least: number;
  /** What it takes where the path has room. */
  most: number;
}

/**
 * Hands one media source on from a connection to the next. The source is live:
 * it runs on while there is no connection, and what it gives then is dropped.
 *
 * To each connection it is a source of its own, whose `start` takes it over
 * from the one before. Video then begins with a keyframe, and the sender
 * reports' clock is known from the start.
 */
export class MediaRelay implements SentMedia {
  readonly tracks: readonly MediaTrack[];
  /** Resolves with the first packet, or where that waits for points. */
  readonly started: Promise<void>;
  readonly #started = Promise.withResolvers<void>();
  readonly #source: SentMedia;
  readonly #reports = new Map<MediaTrack, SenderReport>();
  /** Tracks that wait for a packet that decoding can start with. */
  readonly #joining = new Set<MediaTrack>();
  #events: MediaSourceEvents | undefined;
  #asked: VideoAsked | undefined;

  constructor(source: SentMedia) {
    this.#source = source;
    this.tracks = source.tracks;
    this.started = this.#started.promise;
  }

  /** Starts the source itself; what it throws is thrown here. */
  begin(): void {
    if (this.#source.awaitsPoints) this.#started.resolve();
    this.#source.start({
      onRtp: (track, packet) => this.#relay(track, packet),
      onSenderReport: (track, report) => {
        this.#reports.set(track, report);
        this.#events?.onSenderReport?.(track, report);
      },
    });
  }

  /**
   * Gives a connection what comes from now on, in place of the one before.
   *
   * @returns what ends it: what comes then is dropped, until another starts.
   */
  start(events: MediaSourceEvents): Disposable {
    this.#events = events;
    for (const track of this.tracks) this.#joining.add(track);
    for (const [track, report] of this.#reports) {
      events.onSenderReport?.(track, report);
    }
    return {
      [Symbol.dispose]: () => {
        if (this.#events === events) this.#events = undefined;
      },
    };
  }

  /** As the source has it. */
  get videoBitrates(): SentMedia["videoBitrates"] {
    return this.#source.videoBitrates;
  }

  /** What video was asked to take so far; none where it can't follow. */
  get videoAsked(): VideoAsked | undefined {
    return this.#asked;
  }

  setVideoBitrate(bitsPerSecond: number): void {
    const most = this.videoBitrates?.most ?? bitsPerSecond;
    const least = Math.min(this.#asked?.least ?? most, bitsPerSecond);
    this.#asked = { now: bitsPerSecond, least, most };
    this.#source.setVideoBitrate?.(bitsPerSecond);
  }

  requestKeyframe(track?: MediaTrack): void {
    this.#source.requestKeyframe?.(track);
  }

  #relay(track: MediaTrack, packet: Uint8Array): void {
    this.#started.resolve();
    if (this.#events === undefined) return;
    if (this.#joining.has(track)) {
      const payload = parseRtp(packet)?.payload;
      if (payload === undefined) return;
      if (!beginsKeyframe(track.codec, payload)) return;
      this.#joining.delete(track);
    }
    this.#events.onRtp(track, packet);
  }
}
