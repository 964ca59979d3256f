import { settlesWithin } from "../async.ts";
import { FfmpegError } from "../media/ffmpeg_error.ts";
import { killTool, spawnTool } from "../media/ffmpeg_tool.ts";
import type { MediaFrame } from "../media/frame.ts";
import { joinBytes } from "../points/join_bytes.ts";
import { ivfFrameHeader, ivfHeader } from "./ivf.ts";

/** Options of {@linkcode encodeJpeg}. */
export interface EncodeJpegOptions {
  /** The program, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** Time that it has, milliseconds. @default {10_000} */
  timeoutMs?: number;
}

/** Most pixels of a picture: those of 8K. */
const MAX_PIXELS = 7680 * 4320;

/** Most bytes of a JPEG. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Makes a JPEG of a keyframe, through ffmpeg: a process of its own, which reads
 * nothing but the frame.
 *
 * @throws {FfmpegError} where it can't be run, or makes no picture of it.
 */
export async function encodeJpeg(
  frame: MediaFrame,
  { ffmpeg = "ffmpeg", timeoutMs = 10_000 }: EncodeJpegOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { format, bytes } = fileOf(frame);
  const child = spawnTool(ffmpeg, [
    ...["-hide_banner", "-loglevel", "error", "-nostats", "-threads", "1"],
    ...["-protocol_whitelist", "pipe", "-max_pixels", `${MAX_PIXELS}`],
    ...["-f", format, "-i", "pipe:0", "-frames:v", "1"],
    ...["-f", "mjpeg", "-q:v", "3", "pipe:1"],
  ], { stdin: "piped", stdout: "piped" });
  const stopped = Promise.allSettled([
    write(child, bytes),
    child.stderr.cancel(),
  ]);
  const read = readAll(child);
  const isInTime = await settlesWithin(timeoutMs, read).catch(() => true);
  killTool(child, "SIGKILL");
  await Promise.all([child.status, stopped]);
  if (!isInTime) {
    const why = `ffmpeg made no picture within ${timeoutMs / 1000} s`;
    throw new FfmpegError("timeout", why);
  }
  const picture = await read;
  if (picture.length > 0) return picture;
  throw new FfmpegError("failed", "ffmpeg made no picture of the keyframe");
}

/** A file that has the frame alone. */
function fileOf(
  { codec, data, width = 0, height = 0 }: MediaFrame,
): { format: string; bytes: Uint8Array[] } {
  switch (codec) {
    case "H264":
      return { format: "h264", bytes: [data] };
    case "H265":
      return { format: "hevc", bytes: [data] };
    case "VP8":
    case "VP9":
    case "AV1": {
      const header = ivfHeader({ codec, width, height, frames: 1 });
      const bytes = [header, ivfFrameHeader(data.length, 0), data];
      return { format: "ivf", bytes };
    }
    case "opus":
      throw new FfmpegError("failed", "There is no picture in sound");
  }
}

async function write(
  { stdin }: Deno.ChildProcess,
  pieces: Uint8Array[],
): Promise<void> {
  const writer = stdin.getWriter();
  for (const piece of pieces) await writer.write(piece);
  await writer.close();
}

async function readAll(
  child: Deno.ChildProcess,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of child.stdout) {
    pieces.push(piece);
    length += piece.length;
    if (length <= MAX_BYTES) continue;
    throw new FfmpegError("failed", `The picture has over ${MAX_BYTES} bytes`);
  }
  return joinBytes(pieces, length);
}
