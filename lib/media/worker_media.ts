import { FfmpegError } from "./ffmpeg_error.ts";
import type { MediaSource, MediaSourceEvents } from "./media_source.ts";
import type { MediaTrack } from "./media_track.ts";
import type { MediaWorker } from "./media_worker.ts";
import type { FromMediaWorker } from "./media_worker_messages.ts";
import type { BitrateRange } from "./rendition.ts";

/**
 * What a {@linkcode WorkerMedia} is made of.
 *
 * @internal
 */
export interface WorkerMediaOptions {
  /** What goes out. */
  tracks: readonly MediaTrack[];
  /** None where video can't follow. */
  videoBitrates?: BitrateRange;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
  /**
   * Has a Worker made of it; called once, at the start.
   *
   * @internal
   */
  launch(onMessage: (message: FromMediaWorker) => void): MediaWorker;
  /** Called where it is closed without having been started. */
  discard?(): Promise<void>;
}

/** Media that is made in a Worker, as ffmpeg's is. */
export class WorkerMedia implements MediaSource {
  /** What goes out: video, audio, or both. */
  readonly tracks: readonly MediaTrack[];
  /**
   * Settles when nothing more comes: resolves once it was disposed of or its
   * signal aborted, rejects with an {@linkcode FfmpegError} when ffmpeg can't
   * be run or ended by itself.
   */
  readonly ended: Promise<void>;
  readonly #options: WorkerMediaOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => void this.#close();
  #events?: MediaSourceEvents;
  #videoBitrates?: BitrateRange;
  #worker?: MediaWorker;
  #closed?: Promise<void>;

  /** Takes what is told to it; nothing is started by that. */
  constructor(options: WorkerMediaOptions) {
    this.#options = options;
    this.tracks = options.tracks;
    this.#videoBitrates = options.videoBitrates;
    this.ended = this.#ended.promise;
    // An end that nobody asks about is no reason to end the process.
    this.ended.catch(() => {});
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * Bits a second that video can take; none where it can't follow. Those of
   * video that is copied are of what its camera sends.
   */
  get videoBitrates(): BitrateRange | undefined {
    return this.#videoBitrates;
  }

  /**
   * Starts to give packets.
   *
   * @throws {Error} when it was started or closed before.
   */
  start(events: MediaSourceEvents): void {
    if (this.#closed) throw new Error("This media is closed already");
    if (this.#worker) throw new Error("This media was started already");
    this.#events = events;
    this.#worker = this.#options.launch((message) => this.#take(message));
  }

  /**
   * Asks for video of about so many bits a second. Less comes within about half
   * a second, beginning with a keyframe; more is waited for two seconds, and
   * small changes aren't followed.
   */
  setVideoBitrate(bitsPerSecond: number): void {
    this.#worker?.tell({ type: "bitrate", bitsPerSecond });
  }

  /** Asks for a keyframe within about half a second, once a second at most. */
  requestKeyframe(): void {
    this.#worker?.tell({ type: "keyframe" });
  }

  /** Resolves when ffmpeg is gone. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #take(message: FromMediaWorker): void {
    switch (message.type) {
      case "packets": {
        const track = this.tracks[message.track];
        for (const packet of message.packets) {
          if (!this.#closed) this.#events?.onRtp(track, packet);
        }
        return;
      }
      case "report": {
        const track = this.tracks[message.track];
        return this.#events?.onSenderReport?.(track, message.report);
      }
      case "bitrates":
        this.#videoBitrates = message.bitrates;
        return;
      case "failed":
        this.#ended.reject(new FfmpegError(message.reason, message.message));
        // What is left of it is of no use to anybody.
        void this.#close();
    }
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#release();
  }

  async #release(): Promise<void> {
    const { signal, discard } = this.#options;
    signal?.removeEventListener("abort", this.#onAbort);
    if (this.#worker) await this.#worker.close();
    else await discard?.();
    this.#ended.resolve();
  }
}
