import { foreignText } from "../foreign_text.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { fileInput, inputUrl, refusedFormat } from "./ffmpeg_input.ts";
import { lastLine, runTool } from "./ffmpeg_tool.ts";

/** The first video stream and the first audio stream of a file. */
export interface MediaInfo {
  video?: {
    codec: string;
    /** Pixels, before any rotation. */
    width: number;
    height: number;
    /** Frames a second; 25 where the file doesn't say. */
    frameRate: number;
    /** Whether it is one picture, which stands. */
    isStill: boolean;
  };
  audio?: {
    codec: string;
    channels: number;
    /** Hz. */
    sampleRate: number;
  };
  /** Seconds; absent where the container doesn't say. */
  durationS?: number;
  /** The demuxer's names, such as `mpegts`, with commas between. */
  format: string;
}

/** Options of {@linkcode probeMedia}. */
export interface ProbeOptions {
  /** The program to run, by name or path. @default {"ffprobe"} */
  ffprobe?: string;
  /**
   * Time for ffprobe: a pipe that nobody writes to is waited for without end.
   * @default {OPEN_TIMEOUT_MS} milliseconds
   */
  timeoutMs?: number;
  /** Stops ffprobe; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Time for ffprobe to look at a file, and again for ffmpeg to give something of
 * it, milliseconds.
 */
export const OPEN_TIMEOUT_MS = 20_000;
/** Most that ffprobe may say of a file, bytes: 1,000 streams take 300 kB. */
const MAX_PROBE_BYTES = 1024 * 1024;

const DEFAULT_FRAME_RATE = 25;

/**
 * Reads which streams a media file has, with `ffprobe`. Cover art counts as no
 * video.
 *
 * @throws {FfmpegError} `not-found` without ffprobe, `refused` for a file that
 * names others or addresses, `unreadable` for what is no readable media file or
 * not read in time, `no-streams` for one with neither audio nor video.
 * @throws the signal's reason when it is aborted.
 */
export async function probeMedia(
  path: string,
  options: ProbeOptions = {},
): Promise<MediaInfo> {
  const { ffprobe = "ffprobe", timeoutMs = OPEN_TIMEOUT_MS } = options;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([late, options.signal ?? []].flat());
  const args = [
    ...["-v", "error", "-of", "json"],
    ...["-show_entries", PROBED_ENTRIES],
    ...fileInput(path),
  ];
  const limits = { maxBytes: MAX_PROBE_BYTES, signal };
  const result = await runTool(ffprobe, args, limits).catch((error) => {
    throw error === late.reason ? tooLate(path, timeoutMs) : error;
  });
  const { code, stdout, stderr } = result;
  if (code !== 0) throw unreadable(path, stderr);
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

const PROBED_ENTRIES = [
  "format=duration,format_name",
  "stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate," +
  "channels,sample_rate",
  "stream_disposition=attached_pic",
].join(":");

/** What PROBED_ENTRIES asks for; ffprobe leaves out what it doesn't know. */
interface Probe {
  streams?: ProbedStream[];
  format?: { duration?: string; format_name?: string };
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
  const name = format?.format_name ?? "";
  return {
    format: name,
    ...video && { video: describeVideo(video, STILLS.test(name)) },
    ...audio && { audio: describeAudio(audio) },
    ...duration > 0 && { durationS: duration },
  };
}

/** Demuxers of one picture. */
const STILLS = /^(png|jpeg|webp|bmp|tiff|jpegxl)_pipe$/;
/** Frames a second of a picture that stands. */
const STILL_FRAME_RATE = 2;

function describeVideo(
  stream: ProbedStream,
  isStill: boolean,
): NonNullable<MediaInfo["video"]> {
  return {
    isStill,
    codec: stream.codec_name ?? "unknown",
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    frameRate: isStill ? STILL_FRAME_RATE : parseRatio(stream.avg_frame_rate) ??
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

function tooLate(path: string, timeoutMs: number): FfmpegError {
  return new FfmpegError(
    "unreadable",
    `Can't read the media file ${path}: ffprobe knew nothing of it after ` +
      `${timeoutMs / 1000} s; give a file, and no pipe or device, or use ` +
      `--media none`,
  );
}

function unreadable(path: string, stderr: string): FfmpegError {
  const format = refusedFormat(stderr);
  if (format !== undefined) {
    return new FfmpegError(
      "refused",
      `The media file ${path} is not opened: ffmpeg takes it for ${format}, ` +
        `and only formats are read that hold all of their media, such as mp4 ` +
        `and mkv; give the file that it is about, one that ffmpeg has ` +
        `converted to mp4, or --media none`,
    );
  }
  const reason = lastLine(stderr).replace(`${inputUrl(path)}: `, "") ||
    "ffprobe gave no reason";
  return new FfmpegError(
    "unreadable",
    `Can't read the media file ${path}: ${foreignText(reason)}; ` +
      `check the path, or use --media none`,
  );
}
