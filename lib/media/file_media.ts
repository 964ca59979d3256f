import { type MediaInfo, OPEN_TIMEOUT_MS, probeMedia } from "./ffmpeg.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { pictureFormat, type VideoCodec } from "./ffmpeg_arguments.ts";
import type { FilePipelinePlan } from "./file_pipeline.ts";
import type { FromFileWorker, ToFileWorker } from "./file_worker_messages.ts";
import type { MediaSource, MediaSourceEvents } from "./media_source.ts";
import type { MediaTrack } from "./media_track.ts";
import { OPUS_SAMPLE_RATE } from "./opus.ts";
import { type BitrateRange, defaultBitrates } from "./rendition.ts";

/** Options of {@linkcode openFileMedia}. */
export interface FileMediaOptions {
  /** What video is encoded to. @default {"vp8"} */
  videoCodec?: VideoCodec;
  /**
   * Bits a second that video is encoded to: it begins at the most. By default
   * the most is what its size and frames take, up to 6 Mbit/s, and the least
   * 150 kbit/s.
   */
  videoBitrates?: Partial<BitrateRange>;
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** The program to run, by name or path. @default {"ffprobe"} */
  ffprobe?: string;
  /**
   * Time to look at the file, and again for its first packet. @default {20_000}
   * milliseconds
   */
  timeoutMs?: number;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
}

/**
 * Prepares to stream a media file: looks at what it has.
 *
 * @example
 * ```ts
 * import { openFileMedia } from "@pointwire/pointwire/publish";
 *
 * await using media = await openFileMedia("tests/data/test.mp4");
 * const first = Promise.withResolvers<Uint8Array>();
 * media.start({ onRtp: (_track, packet) => first.resolve(packet) });
 * console.log(`${(await first.promise).length} bytes`);
 * ```
 *
 * @throws {FfmpegError} without ffprobe, or with a file that can't be streamed.
 * @throws the signal's reason when it is aborted.
 */
export function openFileMedia(
  path: string,
  options: FileMediaOptions = {},
): Promise<FileMedia> {
  return FileMedia.open(path, options);
}

/**
 * A media file as live RTP: ffmpeg decodes it in real time, over and over, and
 * encodes it to Opus and VP8 or H.264, video at a bitrate that can be changed.
 *
 * Packets of both kinds come out at the pace of their timestamps, aligned to
 * one clock, also where the file starts again. Where the machine is too slow
 * for the video, frames are left out, and what comes is on time.
 */
export class FileMedia implements MediaSource {
  /** What goes out: the file's video, its audio, or both. */
  readonly tracks: readonly MediaTrack[];
  /** Bits a second that video can be encoded to; none without video. */
  readonly videoBitrates?: BitrateRange;
  /**
   * Settles when nothing more comes: resolves once it was disposed of or its
   * signal aborted, rejects with an {@linkcode FfmpegError} when ffmpeg can't
   * be run or ended by itself.
   */
  readonly ended: Promise<void>;
  readonly #plan: FilePipelinePlan;
  readonly #signal?: AbortSignal;
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => void this.#close();
  #events?: MediaSourceEvents;
  #worker?: Worker;
  #workerClosed = Promise.withResolvers<void>();
  #closed?: Promise<void>;

  private constructor(plan: FilePipelinePlan, signal?: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
    this.tracks = plan.tracks;
    this.videoBitrates = plan.videoBitrates;
    this.ended = this.#ended.promise;
    // An end that nobody asks about is no reason to end the process.
    this.ended.catch(() => {});
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Does what {@linkcode openFileMedia} says. */
  static async open(
    path: string,
    options: FileMediaOptions,
  ): Promise<FileMedia> {
    const { ffmpeg = "ffmpeg", videoCodec = "vp8", signal } = options;
    const { timeoutMs: startMs = OPEN_TIMEOUT_MS } = options;
    const info = await probeMedia(path, options);
    const tracks = planTracks(info, videoCodec);
    const videoBitrates = planBitrates(info, options.videoBitrates);
    const plan = {
      ...{ path, ffmpeg, startMs, info, tracks },
      ...{ videoCodec, videoBitrates },
    };
    return new FileMedia(plan, signal);
  }

  /**
   * Starts ffmpeg. The first packets come after 0.5 to 2 s, the later the fewer
   * frames a second the file has.
   *
   * @throws {Error} when it was started or closed before.
   */
  start(events: MediaSourceEvents): void {
    if (this.#closed) throw new Error("This media is closed already");
    if (this.#worker) throw new Error("This media was started already");
    this.#events = events;
    const entry = new URL("./file_worker.ts", import.meta.url);
    this.#worker = new Worker(entry, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromFileWorker>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#workerClosed.resolve();
      this.#fail("failed", event.message);
    };
    this.#tell({ type: "start", plan: this.#plan });
  }

  /**
   * Asks for video of about so many bits a second. Less comes within about half
   * a second, beginning with a keyframe; more is waited for two seconds, and
   * small changes aren't followed.
   */
  setVideoBitrate(bitsPerSecond: number): void {
    this.#tell({ type: "bitrate", bitsPerSecond });
  }

  /** Asks for a keyframe within about half a second, once a second at most. */
  requestKeyframe(): void {
    this.#tell({ type: "keyframe" });
  }

  /** Resolves when ffmpeg is gone. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #tell(message: ToFileWorker): void {
    if (this.#closed === undefined || message.type === "close") {
      this.#worker?.postMessage(message);
    }
  }

  #take(message: FromFileWorker): void {
    switch (message.type) {
      case "packets": {
        if (this.#closed) return;
        const track = this.tracks[message.track];
        for (const packet of message.packets) {
          this.#events?.onRtp(track, packet);
        }
        return;
      }
      case "report":
        if (this.#closed) return;
        return this.#events?.onSenderReport?.(
          this.tracks[message.track],
          message.report,
        );
      case "failed":
        return this.#fail(message.reason, message.message);
      case "closed":
        return this.#workerClosed.resolve();
    }
  }

  #fail(reason: FfmpegError["reason"], message: string): void {
    this.#ended.reject(new FfmpegError(reason, message));
    // What is left of it is of no use to anybody.
    void this.#close();
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#release();
  }

  async #release(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#worker) {
      this.#worker.postMessage({ type: "close" } satisfies ToFileWorker);
      await this.#workerClosed.promise;
      this.#worker.terminate();
    }
    this.#ended.resolve();
  }
}

/** Hz of the RTP timestamps of VP8 (RFC 7741) and of H.264 (RFC 6184). */
const VIDEO_CLOCK_RATE = 90_000;

function planTracks(info: MediaInfo, videoCodec: VideoCodec): MediaTrack[] {
  const tracks: MediaTrack[] = [];
  if (info.video) {
    const codec = videoCodec === "vp8" ? "VP8" : "H264";
    tracks.push({ kind: "video", codec, clockRate: VIDEO_CLOCK_RATE });
  }
  if (info.audio) {
    const clockRate = OPUS_SAMPLE_RATE;
    tracks.push({ kind: "audio", codec: "opus", clockRate });
  }
  return tracks;
}

function planBitrates(
  { video }: MediaInfo,
  asked: Partial<BitrateRange> = {},
): BitrateRange | undefined {
  if (video === undefined) return undefined;
  const usual = defaultBitrates(pictureFormat(video));
  const most = asked.most ?? Math.max(usual.most, asked.least ?? 0);
  return { most, least: Math.min(asked.least ?? usual.least, most) };
}
