import { unlessAborted } from "../async.ts";
import type { Feed, FeedSink } from "../session/feed.ts";
import { noForwarding } from "../session/forwarding.ts";
import type { EncodedFrame } from "../wire/frame.ts";

/**
 * Reads one stream of a feed, at the reader's own pace: a frame that it hasn't
 * taken when the next one comes is dropped.
 */
export class StreamTap implements FeedSink, Disposable {
  readonly forwarded = noForwarding();
  readonly #stream: string;
  readonly #joined: Disposable;
  #newest: EncodedFrame | undefined;
  #taken: EncodedFrame | undefined;
  #coming = Promise.withResolvers<void>();

  /** Joins a feed, until it is disposed of. */
  constructor(feed: Feed, stream: string) {
    this.#stream = stream;
    this.#joined = feed.join(this);
  }

  /** The newest frame, which may have been taken. */
  get newest(): EncodedFrame | undefined {
    return this.#newest;
  }

  /**
   * Takes the newest frame, or waits for one after that which was taken last.
   *
   * @throws the signal's reason when it is aborted.
   */
  async take(signal: AbortSignal): Promise<EncodedFrame> {
    while (this.#newest === undefined || this.#newest === this.#taken) {
      await unlessAborted(this.#coming.promise, signal);
    }
    return this.#taken = this.#newest;
  }

  /** Counts a frame that was sent, and its bytes. */
  sent(bytes: number): void {
    this.forwarded.framesSent++;
    this.forwarded.bytesSent += bytes;
  }

  /** Counts a frame that was taken and not sent. */
  dropped(): void {
    this.forwarded.framesDropped++;
  }

  onFrame(frame: EncodedFrame): void {
    if (frame.stream !== this.#stream) return;
    const isTaken = this.#newest === this.#taken;
    // Who has taken none yet begins with the newest.
    if (!isTaken && this.#taken !== undefined) this.dropped();
    this.#newest = frame;
    this.#coming.resolve();
    this.#coming = Promise.withResolvers();
  }

  /** Takes no media. */
  onPacket(): void {}

  /** Takes no media. */
  onClock(): void {}

  [Symbol.dispose](): void {
    this.#joined[Symbol.dispose]();
  }
}
