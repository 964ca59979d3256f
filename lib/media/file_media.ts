import {
  FfmpegError,
  lastLine,
  type MediaInfo,
  probeMedia,
  spawnTool,
} from "./ffmpeg.ts";
import { type EncodingPlan, ffmpegArguments } from "./ffmpeg_arguments.ts";
import type { MediaKind } from "./frame.ts";
import type { MediaTrack } from "./media_track.ts";
import { RtpInput, type SenderReport } from "./rtp_input.ts";
import { MAX_HOLD_MS, RtpPacer } from "./rtp_pacer.ts";

export type { MediaTrack } from "./media_track.ts";

/** Options of {@linkcode openFileMedia}. */
export interface FileMediaOptions {
  /** "vp8" by default. */
  videoCodec?: "vp8" | "h264";
  /** The program to run, by name or path; "ffmpeg" by default. */
  ffmpeg?: string;
  /** The program to run, by name or path; "ffprobe" by default. */
  ffprobe?: string;
  /** Closes the media, as disposing of it does. */
  signal?: AbortSignal;
}

/** Who gets what a {@linkcode FileMedia} sends. */
export interface FileMediaHandlers {
  /** A packet of at most 1200 bytes, the receiver's to keep. Its payload type and SSRC mean nothing. */
  onRtp(kind: MediaKind, packet: Uint8Array): void;
  /** Reports of all kinds share one clock: two packets captured at the same time map to the same NTP time. */
  onSenderReport?(kind: MediaKind, report: SenderReport): void;
}

/**
 * Prepares to stream a media file: looks at what it has and binds a pair of loopback ports for each track.
 *
 * @example
 * ```ts
 * import { openFileMedia } from "@pointwire/pointwire/publish";
 *
 * await using media = await openFileMedia("tests/data/test.mp4");
 * const first = Promise.withResolvers<Uint8Array>();
 * media.start({ onRtp: (_kind, packet) => first.resolve(packet) });
 * console.log(`${(await first.promise).length} bytes`);
 * ```
 *
 * @throws {FfmpegError} without ffmpeg or ffprobe, or with a file that can't be streamed.
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
 * A media file as live RTP: one ffmpeg reads it in real time, over and over, and encodes it to Opus and VP8 or H.264.
 *
 * Packets of both kinds come out at the pace of their timestamps, aligned to one clock, also where the file starts again.
 */
export class FileMedia implements AsyncDisposable {
  /** What goes out: the file's video, its audio, or both. */
  readonly tracks: MediaTrack[];
  /**
   * Settles when nothing more will come: resolves once this was closed by its owner, rejects with an {@linkcode FfmpegError}
   * "failed" when ffmpeg ended by itself.
   */
  readonly ended: Promise<void>;
  readonly #plan: FileMediaPlan;
  readonly #inputs: [MediaTrack, RtpInput][] = [];
  readonly #pacer: RtpPacer;
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => void this.#close();
  #handlers?: FileMediaHandlers;
  #child?: Deno.ChildProcess;
  #watching?: Promise<void>;
  #closed?: Promise<void>;

  private constructor(plan: FileMediaPlan) {
    this.#plan = plan;
    this.tracks = planTracks(plan);
    this.#pacer = new RtpPacer(
      this.tracks,
      holdTime(plan.info),
      (kind, packet) => {
        this.#handlers?.onRtp(kind, packet);
      },
    );
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
   * Starts ffmpeg. The first packets come after 0.5 to 2 s, the later the fewer frames a second the file has.
   *
   * @throws {FfmpegError} when ffmpeg can't be run.
   * @throws {Error} when it was started or closed before.
   */
  start(handlers: FileMediaHandlers): void {
    if (this.#closed) throw new Error("this media is closed already");
    if (this.#child) throw new Error("this media was started already");
    this.#handlers = handlers;
    this.#child = spawnTool(
      this.#plan.ffmpeg,
      ffmpegArguments(this.#plan, this.#inputs),
    );
    this.#watching = this.#watch(this.#child);
  }

  /** Resolves when ffmpeg is gone and the sockets are closed. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async #bind(track: MediaTrack): Promise<void> {
    const { kind } = track;
    const input = await RtpInput.open({
      onRtp: (packet) => this.#pacer.push(kind, packet),
      onSenderReport: (report) => {
        this.#pacer.synchronize(kind, report);
        this.#handlers?.onSenderReport?.(kind, report);
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
    this.#ended.reject(
      new FfmpegError(
        "failed",
        `ffmpeg ended by itself (${how}) while it streamed ${this.#plan.path}${
          why && `: ${why}`
        }`,
      ),
    );
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

/** Covers the frames that wait for others in a decoder that reorders, and in the filter that makes their rate constant. */
function holdTime({ video }: MediaInfo): number {
  const frames = video ? 4000 / video.frameRate : 0;
  return Math.min(300 + frames, MAX_HOLD_MS);
}

function planTracks({ info, videoCodec }: FileMediaPlan): MediaTrack[] {
  const tracks: MediaTrack[] = [];
  if (info.video) {
    const codec = videoCodec === "vp8" ? "VP8" : "H264";
    tracks.push({ kind: "video", codec, clockRate: 90_000 });
  }
  if (info.audio) {
    tracks.push({ kind: "audio", codec: "opus", clockRate: 48_000 });
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

const TERMINATE_MS = 500;

/** Resolves when `child` is gone. */
async function terminate(child: Deno.ChildProcess): Promise<void> {
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      // It says so when the child is gone already.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  const timer = setTimeout(() => kill("SIGKILL"), TERMINATE_MS);
  kill("SIGTERM");
  await child.status;
  clearTimeout(timer);
}
