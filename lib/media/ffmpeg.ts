/** What went wrong with ffmpeg or with the file it was given. */
export type FfmpegErrorReason =
  | "not-found"
  | "unreadable"
  | "no-streams"
  | "failed";

/** Says in one plain sentence what was wrong with ffmpeg or a media file. */
export class FfmpegError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "FfmpegError";
  /** Makes an error; `message` is a sentence. */
  constructor(
    readonly reason: FfmpegErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The first video stream and the first audio stream of a file. */
export interface MediaInfo {
  video?: {
    codec: string;
    /** Pixels, before any rotation. */
    width: number;
    height: number;
    /** Frames a second; 25 where the file doesn't say. */
    frameRate: number;
  };
  audio?: {
    codec: string;
    channels: number;
    /** Hz. */
    sampleRate: number;
  };
  /** Seconds; absent where the container doesn't say. */
  durationS?: number;
}

/** Options of {@linkcode probeMedia}. */
export interface ProbeOptions {
  /** The program to run, by name or path. @default {"ffprobe"} */
  ffprobe?: string;
  /** Stops ffprobe; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
}

const DEFAULT_FRAME_RATE = 25;

/**
 * Reads which streams a media file has, with `ffprobe`. Cover art counts as no
 * video.
 *
 * @throws {FfmpegError} `not-found` without ffprobe, `unreadable` for what is
 * no readable media file, `no-streams` for a file with neither audio nor video.
 * @throws the signal's reason when it is aborted.
 */
export async function probeMedia(
  path: string,
  options: ProbeOptions = {},
): Promise<MediaInfo> {
  const { code, stdout, stderr } = await runTool(options.ffprobe ?? "ffprobe", [
    ...["-v", "error", "-of", "json"],
    ...["-show_entries", PROBED_ENTRIES],
    inputUrl(path),
  ], options.signal);
  if (code !== 0) throw unreadable(path, lastLine(stderr));
  const info = parseProbe(stdout);
  if (!info.video && !info.audio) {
    throw new FfmpegError(
      "no-streams",
      `${path} has neither an audio nor a video stream: ` +
        `give a media file that has, or use --media none`,
    );
  }
  return info;
}

/**
 * Starts `program` with its stderr piped.
 *
 * @throws {FfmpegError} `not-found` when there is no such program, `failed`
 * when it may not be run.
 */
export function spawnTool(
  program: string,
  args: string[],
  options: {
    stdin?: "piped" | "null";
    stdout?: "piped" | "null";
    signal?: AbortSignal;
  } = {},
): Deno.ChildProcess {
  const { stdin = "null", stdout = "null", signal } = options;
  try {
    return new Deno.Command(program, {
      args,
      stdin,
      stdout,
      stderr: "piped",
      signal,
    }).spawn();
  } catch (cause) {
    throw spawnError(program, cause);
  }
}

/** Names a local file so that ffmpeg takes no dash or colon in it for more. */
export function inputUrl(path: string): string {
  return `file:${path}`;
}

/**
 * Gives the last line of ffmpeg's stderr that says something, without the
 * address of the part that said it; "" if there is none.
 */
export function lastLine(stderr: string): string {
  const line = stderr.split(/[\r\n]+/)
    .map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, "").trim())
    .findLast((line) => line !== "" && line !== "Conversion failed!");
  return line ?? "";
}

const PROBED_ENTRIES = [
  "format=duration",
  "stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate," +
  "channels,sample_rate",
  "stream_disposition=attached_pic",
].join(":");

/** What PROBED_ENTRIES asks for; ffprobe leaves out what it doesn't know. */
interface Probe {
  streams?: ProbedStream[];
  format?: { duration?: string };
}

interface ProbedStream {
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  channels?: number;
  sample_rate?: string;
  disposition?: { attached_pic?: number };
}

function parseProbe(json: string): MediaInfo {
  const { streams = [], format }: Probe = JSON.parse(json);
  const video = streams.find((s) =>
    s.codec_type === "video" && s.disposition?.attached_pic !== 1
  );
  const audio = streams.find((s) => s.codec_type === "audio");
  const duration = Number(format?.duration);
  return {
    ...video && { video: describeVideo(video) },
    ...audio && { audio: describeAudio(audio) },
    ...duration > 0 && { durationS: duration },
  };
}

function describeVideo(stream: ProbedStream): NonNullable<MediaInfo["video"]> {
  return {
    codec: stream.codec_name ?? "unknown",
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    frameRate: parseRatio(stream.avg_frame_rate) ??
      parseRatio(stream.r_frame_rate) ?? DEFAULT_FRAME_RATE,
  };
}

function describeAudio(stream: ProbedStream): NonNullable<MediaInfo["audio"]> {
  return {
    codec: stream.codec_name ?? "unknown",
    channels: stream.channels ?? 0,
    sampleRate: Number(stream.sample_rate ?? 0),
  };
}

/** Reads "30000/1001"; undefined for ffprobe's "0/0", which means unknown. */
function parseRatio(text = ""): number | undefined {
  const [numerator, denominator] = text.split("/").map(Number);
  const ratio = numerator / denominator;
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined;
}

async function runTool(
  program: string,
  args: string[],
  signal?: AbortSignal,
): Promise<{ code: number; stdout: string; stderr: string }> {
  signal?.throwIfAborted();
  const child = spawnTool(program, args, { stdout: "piped", signal });
  const { code, stdout, stderr } = await child.output();
  signal?.throwIfAborted();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

function spawnError(program: string, cause: unknown): unknown {
  if (cause instanceof Deno.errors.NotFound) {
    const where = program.includes("/") ? "" : " on PATH";
    return new FfmpegError(
      "not-found",
      `${program} was not found${where}: install ffmpeg ` +
        `(apt install ffmpeg, brew install ffmpeg) or use --media none`,
      { cause },
    );
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new FfmpegError(
      "failed",
      `${program} may not be executed: check its file mode, ` +
        `or use --media none`,
      { cause },
    );
  }
  return cause;
}

function unreadable(path: string, said: string): FfmpegError {
  const reason = said.replace(`${inputUrl(path)}: `, "") ||
    "ffprobe gave no reason";
  return new FfmpegError(
    "unreadable",
    `Can't read the media file ${path}: ${reason}; ` +
      `check the path, or use --media none`,
  );
}
