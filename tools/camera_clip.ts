/**
 * Clips as a camera makes them: much that moves, and noise over all of it, so
 * that an encoder has what to do. Made by ffmpeg when they are first needed.
 */

/** What a camera's picture is. */
export interface Camera {
  /** Pixels, even. */
  width: number;
  /** Pixels, even. */
  height: number;
  /** Frames a second. */
  rate: number;
  /** Bits a second of the file's video. */
  bitrate: number;
}

/** The cameras, by name. */
export const CAMERAS = {
  "480p20": { width: 640, height: 480, rate: 20, bitrate: 1_500_000 },
  "720p30": { width: 1280, height: 720, rate: 30, bitrate: 6_000_000 },
  "1080p30": { width: 1920, height: 1080, rate: 30, bitrate: 6_000_000 },
} satisfies Record<string, Camera>;

export type CameraName = keyof typeof CAMERAS;

/**
 * What is made: `mp4` is H.264 and AAC, a tone; `capture` is the picture alone,
 * as Chromium's `--use-file-for-fake-video-capture` plays it.
 */
export type ClipForm = "mp4" | "capture";

export interface ClipOptions {
  /** Length, seconds. @default {20} */
  seconds?: number;
  /** @default {"mp4"} */
  form?: ClipForm;
  /** Stops ffmpeg. */
  signal?: AbortSignal;
}

/** Counts up when the same name is to be another clip. */
const VERSION = 1;

/** The rate at which Chromium plays any file of JPEGs; of Y4M it asks. */
const CHROMIUM_JPEG_RATE = 30;

/**
 * Returns the path of a camera's clip in the folder for temporary files, where
 * it is kept for later runs. Made, it takes less time than it lasts.
 *
 * @throws {Error} where ffmpeg fails, with what it said.
 * @throws {Deno.errors.NotFound} where there is no ffmpeg.
 */
export async function cameraClip(
  name: CameraName,
  { seconds = 20, form = "mp4", signal }: ClipOptions = {},
): Promise<string> {
  const camera = CAMERAS[name];
  const extension = form === "mp4" ? "mp4" : captureExtension(camera);
  const folder = `${Deno.env.get("TMPDIR") ?? "/tmp"}/pointwire-clips`;
  const path = `${folder}/camera-${VERSION}-${name}-${seconds}s.${extension}`;
  if (await isThere(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  // Another program that makes the same one meanwhile is not in the way.
  const partial = await Deno.makeTempFile({
    dir: folder,
    suffix: `.${extension}`,
  });
  try {
    await ffmpeg([
      ...clipArguments(camera, seconds, form),
      `file:${partial}`,
    ], signal);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial);
    throw error;
  }
  return path;
}

function captureExtension({ rate }: Camera): "mjpeg" | "y4m" {
  return rate === CHROMIUM_JPEG_RATE ? "mjpeg" : "y4m";
}

/** ffmpeg's arguments but for the file to write. */
function clipArguments(
  camera: Camera,
  seconds: number,
  form: ClipForm,
): string[] {
  const { width, height, rate } = camera;
  const picture = `testsrc2=size=${width}x${height}:rate=${rate}` +
    `,noise=alls=12:allf=t,format=yuv420p`;
  const video = ["-f", "lavfi", "-i", picture];
  const length = ["-t", `${seconds}`];
  if (form === "mp4") {
    return [
      ...video,
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
      ...length,
      ...h264Arguments(camera),
      ...["-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart"],
    ];
  }
  return captureExtension(camera) === "y4m"
    ? [...video, ...length, "-f", "yuv4mpegpipe"]
    : [...video, ...length, "-c:v", "mjpeg", "-q:v", "4", "-f", "mjpeg"];
}

function h264Arguments({ rate, bitrate }: Camera): string[] {
  const bits = `${bitrate}`;
  return [
    ...["-c:v", "libx264", "-preset", "ultrafast"],
    ...["-b:v", bits, "-maxrate", bits, "-bufsize", bits],
    ...["-g", `${2 * rate}`],
  ];
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Longest part of what ffmpeg says that an error repeats. */
const MAX_SAID = 1000;

async function ffmpeg(args: string[], signal?: AbortSignal): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", ...args],
    stdin: "null",
    signal,
  }).output();
  signal?.throwIfAborted();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().slice(-MAX_SAID);
  throw new Error(`ffmpeg made no camera clip: ${said}`);
}
