/** Video as the encoders of ffmpeg make it, a frame at a time. */
import type { VideoCodec } from "../../lib/media/codec_string.ts";
import type { MediaCodec } from "../../lib/media/frame.ts";

/** Codecs of video that go as they come. */
export type PassedCodec = "VP9" | "H265" | "AV1";

/** Arguments of ffmpeg for each; of the slow ones the fastest there are. */
const ENCODERS: Record<VideoCodec, string[]> = {
  VP8: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
  VP9: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
  H264: [
    ...["-c:v", "libx264", "-preset", "ultrafast", "-x264-params"],
    "aud=1:repeat-headers=1:bframes=0",
  ],
  H265: [
    ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"],
    "aud=1:repeat-headers=1:bframes=0:log-level=error",
  ],
  AV1: ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8"],
};

export interface CodedVideo<Codec extends VideoCodec = PassedCodec> {
  codec: Codec;
  /** Pixels. @default {"320x240"} */
  size?: string;
  /** @default {30} at 30 a second */
  frames?: number;
  /** ffmpeg's name. @default {"yuv420p"} */
  pixels?: string;
}

/** The extension of the file that a codec is in. */
export function extensionOf(codec: MediaCodec): string {
  return codec === "H264" || codec === "H265" ? codec.toLowerCase() : "ivf";
}

/** Encodes a test picture into a file: IVF, or Annex B's byte stream. */
export async function encodeVideo(
  path: string,
  { codec, size = "320x240", frames = 30, pixels = "yuv420p" }: CodedVideo<
    VideoCodec
  >,
): Promise<void> {
  await ffmpeg([
    ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=30`],
    ...["-frames:v", `${frames}`, "-pix_fmt", pixels, ...ENCODERS[codec]],
    ...["-b:v", "1M", "-g", "10", "-y", path],
  ]);
}

/** Decodes a file. @returns of each picture its size and MD5. */
export async function picturesOf(path: string): Promise<string[]> {
  const lines = await ffmpeg([
    ...["-i", path, "-fps_mode", "passthrough", "-f", "framemd5", "-"],
  ]);
  return lines.split("\n").filter((line) => /^0,/.test(line))
    .map((line) => line.split(",").slice(4).join().trim());
}

/**
 * Decodes a stream of H.264.
 *
 * @returns how many pictures it has.
 * @throws where any of it can't be decoded.
 */
export async function picturesOfH264(
  stream: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-xerror", "-f", "h264", "-i", "-"],
      ...["-f", "framehash", "-"],
    ],
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  const output = child.output();
  await new Blob([stream]).stream().pipeTo(child.stdin);
  const { stdout, stderr, success } = await output;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).match(/^0,/gm)?.length ?? 0;
}

async function ffmpeg(args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", ...args],
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout);
}

/** The frames of a file as `encodeVideo` makes them. */
export async function framesOf(
  path: string,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const bytes = await Deno.readFile(path);
  return path.endsWith(".ivf") ? ivfFrames(bytes) : accessUnits(bytes);
}

function ivfFrames(bytes: Uint8Array<ArrayBuffer>) {
  const view = new DataView(bytes.buffer);
  const frames = [];
  for (let at = 32; at < bytes.length;) {
    const size = view.getUint32(at, true);
    frames.push(bytes.slice(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return frames;
}

/** Each access unit begins with a delimiter, of type 9 or 35. */
function accessUnits(bytes: Uint8Array<ArrayBuffer>) {
  const starts: number[] = [];
  for (let at = 0; at + 5 < bytes.length; at++) {
    const isDelimiter = bytes[at] === 0 && bytes[at + 1] === 0 &&
      bytes[at + 2] === 0 && bytes[at + 3] === 1 &&
      (bytes[at + 4] === 9 || bytes[at + 4] === 35 << 1);
    if (isDelimiter) starts.push(at);
  }
  return starts.map((start, i) => bytes.slice(start, starts[i + 1]));
}
