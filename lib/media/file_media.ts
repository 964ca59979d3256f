import {
  FfmpegError,
  lastLine,
  type MediaInfo,
  probeMedia,
  spawnTool,
} from "./ffmpeg.ts";
import { type EncodingPlan, ffmpegArguments } from "./ffmpeg_arguments.ts";
import type { MediaSource, MediaSourceEvents } from "./media_source.ts";
import type { MediaTrack } from "./media_track.ts";
import { OPUS_SAMPLE_RATE } from "./opus.ts";
import { RtpInput } from "./rtp_input.ts";
import { MAX_HOLD_MS, RtpPacer } from "./rtp_pacer.ts";

/** Options of {@linkcode openFileMedia}. */
export interface FileMediaOptions {
  /** What video is encoded to. @default {"vp8"} */
  videoCodec?: "vp8" | "h264";
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** The program to run, by name or path. @default {"ffprobe"} */
  ffprobe?: string;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
}

/**
 * Prepares to stream a media file: looks at what it has, and binds a pair of
 * loopback ports for each track.
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
 * @throws {FfmpegError} without ffmpeg or ffprobe, or with a file that can't be
 * streamed.
 * @throws the signal's reason when it is aborted.
 */
export function openFileMedia(
  path: string,
  options: FileMediaOptions = {},
): Promise<FileMedia> {
  return FileMedia.open(path, options);
}

/** Everything that is known when a {@linkcode FileMedia} is made. */
interface FileMediaPlan extends EncodingPlan {
  ffmpeg: string;
  signal?: AbortSignal;
}

/**
 * A media file as live RTP: one ffmpeg reads it in real time, over and over,
 * and encodes it to Opus and VP8 or H.264.
 *
 * Packets of both kinds come out at the pace of their timestamps, aligned to
 * one clock, also where the file starts again.
 */
export class FileMedia implements MediaSource {
  /** What goes out: the file's video, its audio, or both. */
  readonly tracks: readonly MediaTrack[];
  /**
   * Settles when nothing more comes: resolves once it was disposed of or its
   * signal aborted, rejects with an {@linkcode FfmpegError} `failed` when
   * ffmpeg ended by itself.
   */
  readonly ended: Promise<void>;
  readonly #plan: FileMediaPlan;
  readonly #inputs: [MediaTrack, RtpInput][] = [];
  readonly #pacer: RtpPacer;
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => void this.#close();
  #events?: MediaSourceEvents;
  #child?: Deno.ChildProcess;
  #watching?: Promise<void>;
  #closed?: Promise<void>;

  private constructor(plan: FileMediaPlan) {
    this.#plan = plan;
    this.tracks = planTracks(plan);
    const holdMs = holdTime(plan.info);
    this.#pacer = new RtpPacer(this.tracks, holdMs, (track, packet) => {
      this.#events?.onRtp(track, packet);
    });
    this.ended = this.#ended.promise;
    // An end that nobody asks about is no reason to end the process.
    this.ended.catch(() => {});
  }

  /** Does what {@linkcode openFileMedia} says. */
  static async open(
    path: string,
    options: FileMediaOptions,
  ): Promise<FileMedia> {
    const { ffmpeg = "ffmpeg", videoCodec = "vp8", signal } = options;
    const info = await probeMedia(path, options);
    const media = new FileMedia({ path, ffmpeg, info, videoCodec, signal });
    try {
      for (const track of media.tracks) await media.#bind(track);
      signal?.throwIfAborted();
    } catch (error) {
      await media.#close();
      throw error;
    }
    signal?.addEventListener("abort", media.#onAbort, { once: true });
    return media;
  }

  /**
   * Starts ffmpeg. The first packets come after 0.5 to 2 s, the later the fewer
   * frames a second the file has.
   *
   * @throws {FfmpegError} when ffmpeg can't be run.
   * @throws {Error} when it was started or closed before.
   */
  start(events: MediaSourceEvents): void {
    if (this.#closed) throw new Error("This media is closed already");
    if (this.#child) throw new Error("This media was started already");
    this.#events = events;
    const args = ffmpegArguments(this.#plan, this.#inputs);
    this.#child = spawnTool(this.#plan.ffmpeg, args);
    this.#watching = this.#watch(this.#child);
  }

  /** Resolves when ffmpeg is gone and the sockets are closed. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async #bind(track: MediaTrack): Promise<void> {
    const input = await RtpInput.open({
      onRtp: (packet) => this.#pacer.push(track, packet),
      onSenderReport: (report) => {
        this.#pacer.synchronize(track, report);
        this.#events?.onSenderReport?.(track, report);
      },
    });
    this.#inputs.push([track, input]);
  }

  async #watch(child: Deno.ChildProcess): Promise<void> {
    const [status, stderr] = await Promise.all([
      child.status,
      readTail(child.stderr),
    ]);
    if (this.#closed) return;
    const how = status.signal
      ? `killed by ${status.signal}`
      : `exit code ${status.code}`;
    const why = lastLine(stderr);
    const message = `ffmpeg ended by itself (${how}) while it streamed ` +
      this.#plan.path + (why && `: ${why}`);
    this.#ended.reject(new FfmpegError("failed", message));
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#release();
  }

  async #release(): Promise<void> {
    this.#plan.signal?.removeEventListener("abort", this.#onAbort);
    this.#pacer.stop();
    // ffmpeg goes first: it would take a closed port for an error.
    if (this.#child) await terminate(this.#child);
    await this.#watching;
    await Promise.all(this.#inputs.map(([, input]) => input.close()));
    this.#ended.resolve();
  }
}

/** Time for which packets wait at least, for those of another track. */
const MIN_HOLD_MS = 300;
/**
 * Frames that wait for others, in a decoder that reorders and in the filter
 * that makes their rate constant.
 */
const HELD_FRAMES = 4;

function holdTime({ video }: MediaInfo): number {
  const framesMs = video ? 1000 * HELD_FRAMES / video.frameRate : 0;
  return Math.min(MIN_HOLD_MS + framesMs, MAX_HOLD_MS);
}

/** Hz of the RTP timestamps of VP8 (RFC 7741) and of H.264 (RFC 6184). */
const VIDEO_CLOCK_RATE = 90_000;

function planTracks({ info, videoCodec }: FileMediaPlan): MediaTrack[] {
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

const MAX_STDERR_CHARACTERS = 4096;

async function readTail(stream: ReadableStream<Uint8Array>): Promise<string> {
  let tail = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    tail = (tail + decoder.decode(chunk, { stream: true }))
      .slice(-MAX_STDERR_CHARACTERS);
  }
  return tail;
}

/** Time for ffmpeg to end in order. */
const TERMINATE_MS = 500;

/** Resolves when `child` is gone. */
async function terminate(child: Deno.ChildProcess): Promise<void> {
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      // Deno throws it where the child is gone already.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  const timer = setTimeout(() => kill("SIGKILL"), TERMINATE_MS);
  kill("SIGTERM");
  await child.status;
  clearTimeout(timer);
}
