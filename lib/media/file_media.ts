import {
  FfmpegError,
  inputUrl,
  lastLine,
  type MediaInfo,
  probeMedia,
  spawnTool,
} from "./ffmpeg.ts";
import type { MediaCodec, MediaKind } from "./frame.ts";
import { RtpInput, type SenderReport } from "./rtp_input.ts";

/** One track of a {@linkcode FileMedia}, as it goes out. */
export interface MediaTrack {
  kind: MediaKind;
  codec: MediaCodec;
  /** Hz of the RTP timestamps. */
  clockRate: number;
}

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
 * await using media = await openFileMedia("tests/data/test.mp4");
 * media.start({ onRtp: (kind, packet) => console.log(kind, packet.length) });
 * await media.ended;
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
interface FileMediaPlan {
  path: string;
  ffmpeg: string;
  info: MediaInfo;
  videoCodec: "vp8" | "h264";
  signal?: AbortSignal;
}

/**
 * A media file as live RTP: one ffmpeg reads it in real time, over and over, and encodes it to Opus and VP8 or H.264.
 *
 * Packets of both kinds come out at the pace of their timestamps, aligned to one clock, also where the file starts again.
 */
export class FileMedia implements AsyncDisposable {
  readonly tracks: MediaTrack[];
  /**
   * Settles when nothing more will come: resolves once this was closed by its owner, rejects with an {@linkcode FfmpegError}
   * "failed" when ffmpeg ended by itself.
   */
  readonly ended: Promise<void>;
  readonly #plan: FileMediaPlan;
  readonly #inputs: [MediaTrack, RtpInput][] = [];
  readonly #pacer: Pacer;
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => void this.#close();
  #handlers?: FileMediaHandlers;
  #child?: Deno.ChildProcess;
  #watching?: Promise<void>;
  #closed?: Promise<void>;

  private constructor(plan: FileMediaPlan) {
    this.#plan = plan;
    this.tracks = planTracks(plan);
    this.#pacer = new Pacer(
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

/**
 * Hands packets on at the pace of their timestamps.
 *
 * ffmpeg doesn't: with `-re` it gives audio in bursts as long as a video frame, and holds back the last frames of a loop
 * until it has read the file to its end. So packets wait for a moment which is counted from the capture time that sender
 * reports give, the same for all tracks.
 */
class Pacer {
  readonly #holdMilliseconds: number;
  readonly #deliver: (kind: MediaKind, packet: Uint8Array) => void;
  readonly #clocks = new Map<MediaKind, TrackClock>();
  /** Sorted by when they are due. */
  readonly #waiting: { due: number; kind: MediaKind; packet: Uint8Array }[] =
    [];
  /** From capture time to when it is due, in milliseconds; known with the first packet. */
  #offset?: number;
  #timer?: ReturnType<typeof setTimeout>;
  #isStopped = false;

  constructor(
    tracks: MediaTrack[],
    holdMilliseconds: number,
    deliver: (kind: MediaKind, packet: Uint8Array) => void,
  ) {
    this.#holdMilliseconds = holdMilliseconds;
    this.#deliver = deliver;
    for (const { kind, clockRate } of tracks) {
      this.#clocks.set(kind, { clockRate, lastDue: 0 });
    }
  }

  synchronize(kind: MediaKind, report: SenderReport): void {
    this.#clocks.get(kind)!.report = report;
  }

  push(kind: MediaKind, packet: Uint8Array): void {
    if (this.#isStopped) return;
    const due = this.#dueTime(this.#clocks.get(kind)!, packet);
    const later = this.#waiting.findLastIndex((other) => other.due <= due) + 1;
    this.#waiting.splice(later, 0, { due, kind, packet });
    if (later === 0) this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  #dueTime(clock: TrackClock, packet: Uint8Array): number {
    const now = performance.now();
    let due = now;
    const captured = captureTime(clock, packet);
    if (captured !== undefined) {
      this.#offset ??= now + this.#holdMilliseconds - captured;
      due = Math.min(captured + this.#offset, now + MAX_HOLD_MS + MAX_BURST_MS);
    }
    return clock.lastDue = Math.max(due, clock.lastDue);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const wait = this.#waiting[0].due - performance.now();
    this.#timer = setTimeout(() => this.#release(), Math.max(0, wait));
  }

  #release(): void {
    const now = performance.now();
    const count = this.#waiting.findLastIndex((next) => next.due <= now) + 1;
    const due = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#schedule();
    for (const { kind, packet } of due) {
      if (!this.#isStopped) this.#deliver(kind, packet);
    }
  }
}

interface TrackClock {
  clockRate: number;
  report?: SenderReport;
  lastDue: number;
}

/** ffmpeg 6.1 and later begin with a burst of half a second; nothing is early by more than that. */
const MAX_BURST_MS = 500;
const MAX_HOLD_MS = 2000;

/** Covers the frames that wait for others in a decoder that reorders, and in the filter that makes their rate constant. */
function holdTime({ video }: MediaInfo): number {
  const frames = video ? 4000 / video.frameRate : 0;
  return Math.min(300 + frames, MAX_HOLD_MS);
}

/** Milliseconds since 1900, by the last sender report; undefined before the first. */
function captureTime(
  { clockRate, report }: TrackClock,
  packet: Uint8Array,
): number | undefined {
  if (!report) return undefined;
  const timestamp = new DataView(packet.buffer, packet.byteOffset).getUint32(4);
  const ticks = (timestamp - report.rtpTimestamp) | 0;
  return Number(report.ntpTimestamp) / 2 ** 32 * 1000 +
    ticks / clockRate * 1000;
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

function ffmpegArguments(
  plan: FileMediaPlan,
  inputs: [MediaTrack, RtpInput][],
): string[] {
  // One start time for all outputs makes their sender reports agree, whenever each of them opens.
  const startMicroseconds = Date.now() * 1000;
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"],
    // Decoding a frame on each core would hold back as many frames as there are cores.
    ...plan.info.video ? ["-thread_type:v", "slice"] : [],
    ...["-re", "-stream_loop", "-1", "-i", inputUrl(plan.path)],
    ...inputs.flatMap(([{ kind }, input]) => [
      ...kind === "video" ? videoArguments(plan) : AUDIO_ARGUMENTS,
      ...["-start_time_realtime", `${startMicroseconds}`],
      // A shift to zero would part audio, which begins with the encoder's delay, from video.
      ...["-avoid_negative_ts", "disabled"],
      ...["-f", "rtp", rtpUrl(input)],
    ]),
  ];
}

const AUDIO_ARGUMENTS = [
  ...["-map", "0:a:0", "-c:a", "libopus", "-b:a", "64k"],
  ...["-ar", "48000", "-ac", "2", "-frame_duration", "20"],
];

const VP8_ARGUMENTS = [
  ...["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
  ...["-lag-in-frames", "0", "-auto-alt-ref", "0", "-error-resilient", "1"],
];

const H264_ARGUMENTS = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
  ...["-profile:v", "baseline", "-forced-idr", "1"],
];

const MIN_FRAME_RATE = 1;
const MAX_FRAME_RATE = 60;

function videoArguments({ info, videoCodec }: FileMediaPlan): string[] {
  const { width, height, frameRate } = info.video!;
  const rate = Math.min(Math.max(frameRate, MIN_FRAME_RATE), MAX_FRAME_RATE);
  const bitrate = `${videoBitrate(width, height, rate)}`;
  return [
    ...["-map", "0:V:0", "-vf", `fps=${rate},${EVEN_SIZE_FILTER}`],
    ...["-pix_fmt", "yuv420p"],
    ...videoCodec === "vp8" ? VP8_ARGUMENTS : H264_ARGUMENTS,
    ...["-b:v", bitrate, "-maxrate", bitrate, "-bufsize", bitrate],
    // With frames at a constant rate this is a keyframe at least every second.
    ...["-g", `${Math.floor(rate)}`],
  ];
}

/** Square pixels, and even sizes as 4:2:0 wants them. */
const EVEN_SIZE_FILTER =
  "scale=max(2\\,trunc(iw*sar/2)*2):max(2\\,trunc(ih/2)*2),setsar=1";

/** Bits a second. The constant part is for small pictures, which have more detail in each pixel. */
function videoBitrate(width: number, height: number, rate: number): number {
  const bitrate = 300_000 + 0.08 * width * height * rate;
  return Math.round(Math.min(bitrate, 6_000_000));
}

function rtpUrl({ rtpPort, rtcpPort }: RtpInput): string {
  // A connected socket learns that its port is closed, which ends ffmpeg if this process dies without a chance to end it.
  return `rtp://127.0.0.1:${rtpPort}?rtcpport=${rtcpPort}&pkt_size=1200&connect=1`;
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
