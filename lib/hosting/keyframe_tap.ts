import { unlessAborted } from "../async.ts";
import { FrameAssembler } from "../media/frame_assembler.ts";
import type { MediaFrame } from "../media/frame.ts";
import type { RtpPacketView } from "../media/rtp.ts";
import type { Feed, FeedSink } from "../session/feed.ts";

/** Waits for the next keyframe of one video track of a feed. */
export class KeyframeTap implements FeedSink, Disposable {
  readonly #track: number;
  readonly #assembler: FrameAssembler | undefined;
  readonly #keyframe = Promise.withResolvers<MediaFrame>();
  readonly #joined: Disposable;

  /**
   * Joins a feed, until it is disposed of.
   *
   * @param track index of the track.
   */
  constructor(feed: Feed, track: number) {
    this.#track = track;
    const { codec } = feed.tracks[track];
    this.#assembler = codec && new FrameAssembler({ codec });
    // The publisher is asked for a keyframe where the last one is old.
    this.#joined = feed.join(this);
  }

  /** @throws the signal's reason when it is aborted. */
  async take(signal: AbortSignal): Promise<MediaFrame> {
    return await unlessAborted(this.#keyframe.promise, signal);
  }

  /** Takes no points. */
  onFrame(): void {}

  onPacket(track: number, packet: RtpPacketView): void {
    if (track !== this.#track) return;
    for (const frame of this.#assembler?.push(packet) ?? []) {
      if (frame.keyframe) this.#keyframe.resolve(frame);
    }
  }

  /** Takes no clocks. */
  onClock(): void {}

  [Symbol.dispose](): void {
    this.#joined[Symbol.dispose]();
  }
}
