/**
 * Generates the test video: a ball that bounces over black, or ffmpeg's test
 * picture, with a wobbling tone.
 *
 * Run as `deno task testvideo`. The committed test video is made with
 * `deno task testvideo -I tests/data/ball.png -o tests/data/test.mp4`.
 */

import { parseArgs } from "@std/cli";
import { drawBall, encodePng } from "./ball_image.ts";

/** What the picture shows: ffmpeg's test picture, or a bouncing ball. */
export type Mode = "testsrc" | "bounce";

/** What to generate. */
export interface TestVideoOptions {
  mode: Mode;
  /** In seconds. */
  duration: number;
  /** In pixels, even, because H.264 is written as 4:2:0. */
  width: number;
  /** In pixels, even. */
  height: number;
  /** In frames per second. */
  rate: number;
  /** The file to write; its extension selects the container. */
  output: string;
  /** The image that bounces, drawn and written there when there is none. */
  image: string;
  /** Replace an output that exists. */
  overwrite: boolean;
  /** Add the tone. */
  audio: boolean;
}

/** The command line is wrong. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The command line is right, but the video could not be made. */
export class TestVideoError extends Error {
  override name = "TestVideoError";
}

const USAGE = `Generates a test video.

Usage: deno task testvideo [options]

  -m, --mode testsrc|bounce  ffmpeg's test picture, or a bouncing ball
                             (default: bounce)
  -d, --duration SECONDS     length (default: 10 for testsrc, 60 for bounce)
  -s, --size WIDTHxHEIGHT    picture size in pixels (default: 320x240)
  -r, --rate FPS             frames per second (default: 10)
  -o, --output FILE          file to write (default: test.mp4)
  -I, --image FILE           image that bounces, drawn there if missing
                             (default: data/ball.png)
  -F, --overwrite            replace FILE if it exists
  -a, --audio yes|no         add a tone (default: yes)
  -h, --help                 show this help`;

const DEFAULT_DURATION: Record<Mode, number> = { testsrc: 10, bounce: 60 };

/** In pixels a second. */
const SPEED = { x: 100, y: 60 };

const TONE = "sin(2*PI*(440+20*sin(2*PI*0.25*t))*t)";

/**
 * Parses the command line's arguments.
 *
 * @returns the options, or `"help"` if they ask for it
 * @throws {UsageError} if an option is unknown or its value is not one
 *
 * @example
 * ```ts
 * import { parseOptions } from "./tools/generate_test_video.ts";
 *
 * const options = parseOptions(["--mode", "testsrc", "-d", "2"]);
 * ```
 */
export function parseOptions(args: string[]): TestVideoOptions | "help" {
  const flags = parseArgs(args, {
    string: ["mode", "duration", "size", "rate", "output", "image", "audio"],
    boolean: ["overwrite", "help"],
    alias: {
      mode: "m",
      duration: "d",
      size: "s",
      rate: "r",
      output: "o",
      image: "I",
      overwrite: "F",
      audio: "a",
      help: "h",
    },
    default: {
      mode: "bounce",
      size: "320x240",
      rate: "10",
      output: "test.mp4",
      image: "data/ball.png",
      audio: "yes",
    },
    unknown(argument) {
      throw new UsageError(
        argument.startsWith("-")
          ? `Unknown option ${argument}; --help lists the options.`
          : `Unexpected argument "${argument}"; --output names the file.`,
      );
    },
  });
  if (flags.help) return "help";
  const mode = oneOf("mode", flags.mode, ["testsrc", "bounce"]);
  return {
    mode,
    duration: flags.duration === undefined
      ? DEFAULT_DURATION[mode]
      : positiveNumber("duration", flags.duration),
    ...pictureSize(flags.size),
    rate: positiveNumber("rate", flags.rate),
    output: fileName("output", flags.output),
    image: fileName("image", flags.image),
    overwrite: flags.overwrite,
    audio: oneOf("audio", flags.audio, ["yes", "no"]) === "yes",
  };
}

function invalid(option: string, expected: string, value: string): UsageError {
  return new UsageError(
    `Cannot parse --${option}: expected ${expected}, got "${value}".`,
  );
}

function oneOf<T extends string>(
  option: string,
  value: string,
  choices: T[],
): T {
  const choice = choices.find((choice) => choice === value);
  if (choice === undefined) throw invalid(option, choices.join(" or "), value);
  return choice;
}

function positiveNumber(option: string, value: string): number {
  if (!/^(\d{1,9}(\.\d*)?|\.\d+)$/.test(value) || Number(value) <= 0) {
    throw invalid(option, "a number above 0", value);
  }
  return Number(value);
}

function pictureSize(value: string): { width: number; height: number } {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(value);
  const [width, height] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (width === 0 || height === 0 || width % 2 === 1 || height % 2 === 1) {
    throw invalid("size", "two even numbers above 0 such as 320x240", value);
  }
  return { width, height };
}

function fileName(option: string, value: string): string {
  if (value === "") throw invalid(option, "a file name", value);
  return value;
}

/**
 * Builds the arguments for ffmpeg that make the video. An output that exists
 * is overwritten.
 *
 * Equal options give equal bytes with the same build of ffmpeg: there is one
 * encoding thread, and neither a date nor ffmpeg's version is written.
 *
 * @example
 * ```ts
 * import * as testVideo from "./tools/generate_test_video.ts";
 *
 * const options = testVideo.parseOptions([]);
 * if (options !== "help") console.log(testVideo.buildFfmpegArgs(options));
 * ```
 */
export function buildFfmpegArgs(options: TestVideoOptions): string[] {
  const { mode, duration, rate, audio } = options;
  const image = mode === "bounce" ? ["-i", fileUrl(options.image)] : [];
  const video = ["-map", "[video]", "-c:v", "libx264", "-threads", "1"];
  // A keyframe only every ten seconds, since the file is to be small.
  const gop = `${Math.ceil(10 * rate)}`;
  const quality = ["-preset", "veryslow", "-crf", "18", "-g", gop];
  const sound = audio ? ["-map", "[audio]", "-c:a", "aac", "-b:a", "32k"] : [];
  const reproducible = ["-fflags", "+bitexact", "-flags", "+bitexact"];
  return [
    ...["-nostdin", "-hide_banner", "-loglevel", "error", "-y"],
    ...image,
    ...["-filter_complex", filterGraph(options)],
    ...video,
    ...quality,
    ...sound,
    ...["-t", `${duration}`],
    ...reproducible,
    ...["-movflags", "+faststart"],
    fileUrl(options.output),
  ];
}

/** Makes ffmpeg take any name as a file's, `a:b.mp4` and `-b.mp4` too. */
function fileUrl(path: string): string {
  return `file:${path}`;
}

function filterGraph(options: TestVideoOptions): string {
  const video = `${pictureFilter(options)},format=yuv420p[video]`;
  const tone = `exprs='${TONE}|${TONE}':duration=${options.duration}`;
  const audio = `aevalsrc=${tone}:channel_layout=stereo[audio]`;
  return options.audio ? `${video};${audio}` : video;
}

function pictureFilter(options: TestVideoOptions): string {
  const { mode, duration, width, height, rate } = options;
  const shape = `size=${width}x${height}:rate=${rate}:duration=${duration}`;
  if (mode === "testsrc") return `testsrc=${shape}`;
  const x = bounceExpression(SPEED.x, "W-w");
  const y = bounceExpression(SPEED.y, "H-h");
  // Blended as RGB: in 4:2:0, an overlay is moved to even pixels.
  const overlay = `overlay=format=gbrp:x='${x}':y='${y}'`;
  return `color=black:${shape}[ground];[ground][0:v]${overlay}`;
}

/**
 * Writes ffmpeg's expression of a position in pixels that starts at 0 and goes
 * to and fro in `room`: a triangle wave. What has no room is centered.
 */
function bounceExpression(speed: number, room: string): string {
  const position = `(${room})-abs(mod(${speed}*t,2*(${room}))-(${room}))`;
  return `if(gt(${room},0),round(${position}),(${room})/2)`;
}

/**
 * Generates the video, and the image if it is needed and not there. A run that
 * fails or is aborted leaves the output as it was.
 *
 * @param options what to generate
 * @param signal stops ffmpeg
 * @throws {TestVideoError} if the output exists and may not be overwritten, a
 * file cannot be written, or ffmpeg is missing or fails
 *
 * @example
 * ```ts
 * import * as testVideo from "./tools/generate_test_video.ts";
 *
 * const options = testVideo.parseOptions(["-m", "testsrc", "-o", "a.mp4"]);
 * if (options !== "help") await testVideo.generateTestVideo(options);
 * ```
 */
export async function generateTestVideo(
  options: TestVideoOptions,
  signal?: AbortSignal,
): Promise<void> {
  if (!options.overwrite && await exists(options.output)) {
    throw new TestVideoError(
      `${options.output} exists already; --overwrite replaces it.`,
    );
  }
  if (options.mode === "bounce") await provideImage(options.image);
  const partial = partialName(options.output);
  try {
    await runFfmpeg(buildFfmpegArgs({ ...options, output: partial }), signal);
    await Deno.rename(partial, options.output).catch(
      cannot(`write ${options.output}`),
    );
  } finally {
    // It is gone when all went well.
    await Deno.remove(partial).catch(() => {});
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new TestVideoError(`Cannot look for ${path}: ${message(error)}.`, {
      cause: error,
    });
  }
}

/** Draws the ball if there is no file of that name. */
async function provideImage(path: string): Promise<void> {
  if (await exists(path)) return;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const failed = cannot(`write ${path}`);
  if (folder !== "") {
    await Deno.mkdir(folder, { recursive: true }).catch(failed);
  }
  await Deno.writeFile(path, encodePng(drawBall()), { createNew: true }).catch(
    failed,
  );
}

/**
 * Names the file that becomes `output` when it is complete. It keeps the
 * extension, which tells ffmpeg the container.
 */
function partialName(output: string): string {
  return output.replace(/[^/]*$/, (name) => `.partial-${name}`);
}

async function runFfmpeg(args: string[], signal?: AbortSignal): Promise<void> {
  const { success, code, stderr } = await ffmpegOutput(args, signal);
  if (signal?.aborted) {
    throw new TestVideoError("Stopped before the video was complete.");
  }
  if (success) return;
  const reason = firstAndLastLine(new TextDecoder().decode(stderr));
  throw new TestVideoError(`ffmpeg failed: ${reason || `exit code ${code}`}`);
}

async function ffmpegOutput(args: string[], signal?: AbortSignal) {
  try {
    return await new Deno.Command("ffmpeg", { args, signal, stdin: "null" })
      .output();
  } catch (error) {
    throw new TestVideoError(
      error instanceof Deno.errors.NotFound
        ? "ffmpeg was not found; tools/setup.sh installs it, or " +
          "apt-get install ffmpeg, or brew install ffmpeg."
        : `Cannot start ffmpeg: ${message(error)}.`,
      { cause: error },
    );
  }
}

/** Of ffmpeg's errors the first tells the cause, and the last what failed. */
function firstAndLastLine(errors: string): string {
  // Some start with the part of ffmpeg, such as "[png @ 0x55f6b08b1180] ".
  const lines = errors.trim().replaceAll(/^(\[[^\]]*\] )+/gm, "").split("\n");
  return [...new Set([lines[0], lines[lines.length - 1]])].join("; ");
}

function cannot(what: string): (error: unknown) => never {
  return (error) => {
    throw new TestVideoError(`Cannot ${what}: ${message(error)}.`, {
      cause: error,
    });
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs the tool, and returns its exit code: 0, 1 (no video) or 2 (usage). */
async function main(args: string[]): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  try {
    const options = parseOptions(args);
    if (options === "help") {
      console.log(USAGE);
      return 0;
    }
    Deno.addSignalListener("SIGINT", onSignal);
    Deno.addSignalListener("SIGTERM", onSignal);
    await generateTestVideo(options, stop.signal);
    console.log(`Wrote ${options.output}.`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof TestVideoError) {
      console.error(error.message);
      return error instanceof UsageError ? 2 : 1;
    }
    throw error;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
