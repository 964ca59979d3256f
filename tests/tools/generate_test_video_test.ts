import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { drawBall, encodePng } from "../../tools/ball_image.ts";
import { parseOptions, UsageError } from "../../tools/generate_test_video.ts";

const TOOL = new URL("../../tools/generate_test_video.ts", import.meta.url);
const DATA = `${import.meta.dirname}/../data`;
const mayRun =
  (await Deno.permissions.query({ name: "run" })).state === "granted";
const hasFfmpeg = mayRun && await isInstalled("ffmpeg") &&
  await isInstalled("ffprobe");
if (!hasFfmpeg) {
  console.warn(
    "generate_test_video_test: tests that make a video are ignored, since " +
      (mayRun
        ? "ffmpeg and ffprobe are not installed (tools/setup.sh does that)."
        : "processes may not be run (they may in `deno task test`)."),
  );
}

Deno.test("parseOptions() has the original's defaults", () => {
  assertEquals(parseOptions([]), {
    mode: "bounce",
    duration: 60,
    width: 320,
    height: 240,
    rate: 10,
    output: "test.mp4",
    image: "data/ball.png",
    overwrite: false,
    audio: true,
  });
});

Deno.test("parseOptions() makes testsrc 10 s long", () => {
  const options = parseOptions(["-m", "testsrc"]);
  assert(options !== "help");
  assertEquals([options.mode, options.duration], ["testsrc", 10]);
});

Deno.test("parseOptions() takes short and long options", () => {
  const short = "-m testsrc -d 2.5 -s 64x48 -r 25 -o a.mp4 -I b.png -F -a no";
  const long = "--mode=testsrc --duration 2.5 --size 64x48 --rate 25 " +
    "--output a.mp4 --image b.png --overwrite --audio=no";
  const options = parseOptions(short.split(" "));
  assertEquals(options, parseOptions(long.split(" ")));
  assertEquals(options, {
    mode: "testsrc",
    duration: 2.5,
    width: 64,
    height: 48,
    rate: 25,
    output: "a.mp4",
    image: "b.png",
    overwrite: true,
    audio: false,
  });
});

Deno.test("parseOptions() names what it rejects", () => {
  const cases = {
    "--mode spin":
      'Cannot parse --mode: expected testsrc or bounce, got "spin"',
    "-d 0": 'Cannot parse --duration: expected a number above 0, got "0"',
    "-d=-1": 'Cannot parse --duration: expected a number above 0, got "-1"',
    "--rate abc": 'Cannot parse --rate: expected a number above 0, got "abc"',
    "-r": 'Cannot parse --rate: expected a number above 0, got ""',
    "-s 320": "Cannot parse --size: expected two even numbers above 0",
    "-s 320x241": 'got "320x241"',
    "-a maybe": 'Cannot parse --audio: expected yes or no, got "maybe"',
    "-o": 'Cannot parse --output: expected a file name, got ""',
    "--speed 3": "Unknown option --speed",
    "other.mp4": 'Unexpected argument "other.mp4"',
  };
  for (const [args, expected] of Object.entries(cases)) {
    assertThrows(() => parseOptions(args.split(" ")), UsageError, expected);
  }
});

testWithProcesses("the tool shows its options", async () => {
  const { code, stdout } = await runTool(["--help"]);
  assertEquals(code, 0);
  const options = "mode duration size rate output image overwrite audio help";
  for (const option of options.split(" ")) {
    assertMatch(stdout, new RegExp(`-\\w, --${option}`));
  }
});

testWithProcesses(
  "the tool exits with 2 and a sentence on wrong usage",
  async () => {
    assertEquals(await runTool(["--rate", "abc"]), {
      code: 2,
      stdout: "",
      stderr: 'Cannot parse --rate: expected a number above 0, got "abc".\n',
    });
  },
);

testWithProcesses(
  "the tool says what to do when ffmpeg is missing",
  async () => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await runTool(["-m", "testsrc"], {
      cwd: folder.path,
      env: { PATH: folder.path },
    });
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /ffmpeg was not found; tools\/setup\.sh installs it.+\n$/,
    );
    assertEquals(fileNames(folder.path), []);
  },
);

testWithFfmpeg("the tool makes a bounce by default", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await runTool(["-d", "2"], {
    cwd: folder.path,
  });
  assertEquals([code, stdout, stderr], [0, "Wrote test.mp4.\n", ""]);
  assertEquals(fileNames(folder.path), ["data", "test.mp4"]);
  assertEquals(fileNames(`${folder.path}/data`), ["ball.png"]);
  assertEquals(await probe(`${folder.path}/test.mp4`), {
    duration: 2,
    video: "h264 yuv420p 320x240 10/1 20 frames",
    audio: "aac 44100 Hz stereo",
  });
});

testWithFfmpeg("the ball moves at 100 and 60 px/s, and reflects", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await makeVideo(["-d", "6", "-a", "no", "-o", video], folder.path);
  const frames = await grayFrames(video, 320, 240);
  assertEquals(frames.length, 60);
  // The ball is 48 pixels wide, so its center has 272 by 192 pixels to move in.
  assertNear(centroid(frames[0], 320), [24, 24]);
  assertNear(centroid(frames[10], 320), [24 + 100, 24 + 60]);
  assertNear(centroid(frames[25], 320), [24 + 250, 24 + 150]);
  // Back from the right edge, at 2.72 s, and then from the lower, at 3.2 s.
  assertNear(centroid(frames[30], 320), [24 + 2 * 272 - 300, 24 + 180]);
  assertNear(centroid(frames[40], 320), [24 + 2 * 272 - 400, 24 + 384 - 240]);
  // And from the left edge, at 5.44 s.
  assertNear(centroid(frames[59], 320), [24 + 590 - 2 * 272, 24 + 384 - 354]);
});

testWithFfmpeg("an image that is there is used, and kept", async () => {
  await using folder = await temporaryFolder();
  const image = `${folder.path}/small.png`;
  const video = `${folder.path}/small.mp4`;
  const png = encodePng(drawBall(20));
  await Deno.writeFile(image, png);
  await makeVideo(["-d", "1", "-s", "80x60", "-I", image, "-o", video]);
  assertEquals(await Deno.readFile(image), png);
  const frames = await grayFrames(video, 80, 60);
  assertNear(centroid(frames[3], 80), [10 + 30, 10 + 18]);
  assertNear(centroid(frames[9], 80), [10 + 2 * 60 - 90, 10 + 2 * 40 - 54]);
});

testWithFfmpeg("an image that has no room is centered", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await makeVideo(["-d", "0.5", "-s", "160x40", "-o", video], folder.path);
  const frames = await grayFrames(video, 160, 40);
  assertNear(centroid(frames[4], 160), [24 + 40, 20]);
});

testWithFfmpeg("the sound is the original's tone", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await makeVideo(["-m", "testsrc", "-d", "2", "-o", video]);
  const samples = await firstChannel(video);
  assert(samples.length >= 2 * 44100, `${samples.length} samples`);
  let [cross, heard, wanted] = [0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const t = i / 44100;
    const f = 440 + 20 * Math.sin(2 * Math.PI * 0.25 * t);
    const tone = Math.sin(2 * Math.PI * f * t);
    cross += samples[i] * tone;
    heard += samples[i] ** 2;
    wanted += tone ** 2;
  }
  const correlation = cross / Math.sqrt(heard * wanted);
  assert(correlation > 0.98, `correlation ${correlation}`);
  const gain = Math.sqrt(heard / wanted);
  // At 32 kb/s some is lost.
  assert(Math.abs(gain - 1) < 0.1, `gain ${gain}`);
});

testWithFfmpeg("-a no leaves the sound out", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await makeVideo(["-d", "1", "-a", "no", "-o", video], folder.path);
  const { audio } = await probe(video);
  assertEquals(audio, undefined);
});

testWithFfmpeg("-m testsrc takes size, rate and length", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/picture.mkv`;
  await makeVideo(
    ["-m", "testsrc", "-s", "160x120", "-r", "25", "-d", "1.2", "-o", video],
    folder.path,
  );
  assertEquals(fileNames(folder.path), ["picture.mkv"]);
  const { video: stream } = await probe(video);
  assertEquals(stream, "h264 yuv420p 160x120 25/1 30 frames");
  const [frame] = await grayFrames(video, 160, 120);
  const mean = frame.reduce((sum, pixel) => sum + pixel, 0) / frame.length;
  assert(mean > 60, `mean brightness ${mean}`);
});

testWithFfmpeg("a video shorter than a frame ends", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await makeVideo(["-m", "testsrc", "-d", "0.01", "-o", video]);
  const { video: stream } = await probe(video);
  assertEquals(stream, "h264 yuv420p 320x240 10/1 1 frames");
});

testWithFfmpeg("equal options give equal bytes", async () => {
  await using folder = await temporaryFolder();
  const files = ["a.mp4", "b.mp4"].map((name) => `${folder.path}/${name}`);
  for (const file of files) {
    await makeVideo(["-d", "1", "-o", file], folder.path);
  }
  const [a, b] = await Promise.all(files.map((file) => Deno.readFile(file)));
  assertEquals(a, b);
});

testWithFfmpeg("an output that exists is replaced only with -F", async () => {
  await using folder = await temporaryFolder();
  const video = `${folder.path}/test.mp4`;
  await Deno.writeTextFile(video, "precious");
  const args = ["-m", "testsrc", "-d", "0.5", "-o", video];
  assertEquals(await runTool(args), {
    code: 1,
    stdout: "",
    stderr: `${video} exists already; --overwrite replaces it.\n`,
  });
  assertEquals(await Deno.readTextFile(video), "precious");
  await makeVideo([...args, "-F"]);
  assertEquals((await probe(video)).duration, 0.5);
});

testWithFfmpeg("a failing ffmpeg changes nothing, and says why", async () => {
  await using folder = await temporaryFolder();
  const image = `${folder.path}/text.png`;
  const video = `${folder.path}/test.mp4`;
  await Deno.writeTextFile(image, "not an image");
  await Deno.writeTextFile(video, "precious");
  const { code, stdout, stderr } = await runTool(
    ["-F", "-d", "1", "-I", image, "-o", video],
  );
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^ffmpeg failed: Invalid PNG signature .+; .+\n$/);
  assertEquals(await Deno.readTextFile(video), "precious");
  assertEquals(fileNames(folder.path), ["test.mp4", "text.png"]);
});

testWithFfmpeg("SIGTERM stops ffmpeg, and leaves no file", async () => {
  await using folder = await temporaryFolder();
  using watcher = Deno.watchFs(folder.path);
  await using tool = toolCommand(
    ["-m", "testsrc", "-d", "36000"],
    { cwd: folder.path },
  ).spawn();
  // ffmpeg runs once its file is there.
  for await (const { kind } of watcher) if (kind === "create") break;
  tool.kill("SIGTERM");
  const { code, stderr } = await tool.output();
  assertEquals(code, 1);
  assertEquals(
    new TextDecoder().decode(stderr),
    "Stopped before the video was complete.\n",
  );
  assertEquals(fileNames(folder.path), []);
});

testWithFfmpeg("the committed video is the default one", async () => {
  const video = `${DATA}/test.mp4`;
  assertEquals(await probe(video), {
    duration: 60,
    video: "h264 yuv420p 320x240 10/1 600 frames",
    audio: "aac 44100 Hz stereo",
  });
  const { size } = await Deno.stat(video);
  assert(size < 400_000, `${size} bytes`);
  const frames = await grayFrames(video, 320, 240);
  assertNear(centroid(frames[10], 320), [24 + 100, 24 + 60]);
});

testWithFfmpeg("the committed ball is the one that is drawn", async () => {
  const image = `${DATA}/ball.png`;
  const pixels = await decode(image, ["-f", "rawvideo", "-pix_fmt", "rgba"]);
  assertEquals(pixels, drawBall().data);
});

function testWithFfmpeg(name: string, fn: () => Promise<void>) {
  Deno.test({ name, fn, ignore: !hasFfmpeg });
}

function testWithProcesses(name: string, fn: () => Promise<void>) {
  Deno.test({ name, fn, ignore: !mayRun });
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await run(program, ["-version"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
}

function toolCommand(args: string[], options: RunOptions = {}): Deno.Command {
  const permissions = ["--allow-run=ffmpeg", "--allow-read", "--allow-write"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, TOOL.href, ...args],
    ...options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function runTool(args: string[], options?: RunOptions) {
  const { code, stdout, stderr } = await toolCommand(args, options).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

async function makeVideo(args: string[], cwd?: string): Promise<void> {
  const { code, stderr } = await runTool(args, { cwd });
  assertEquals([code, stderr], [0, ""]);
}

async function run(program: string, args: string[]) {
  const command = new Deno.Command(program, { args, stdin: "null" });
  return await command.output();
}

/** Describes the file's streams, as ffprobe sees them. */
async function probe(file: string) {
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-count_frames", "-show_streams", "-show_format"],
    ...["-of", "json", file],
  ]);
  const { streams, format } = JSON.parse(new TextDecoder().decode(stdout));
  let video, audio: string | undefined;
  for (const stream of streams) {
    if (stream.codec_type === "video") {
      video = `${stream.codec_name} ${stream.pix_fmt} ` +
        `${stream.width}x${stream.height} ${stream.avg_frame_rate} ` +
        `${stream.nb_read_frames} frames`;
    } else {
      audio = `${stream.codec_name} ${stream.sample_rate} Hz ` +
        stream.channel_layout;
    }
  }
  return { duration: Number(format.duration), video, audio };
}

async function decode(file: string, output: string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await run("ffmpeg", [
    ...["-nostdin", "-v", "error", "-i", file, ...output, "-"],
  ]);
  assert(success, new TextDecoder().decode(stderr));
  return stdout;
}

async function grayFrames(file: string, width: number, height: number) {
  const pixels = await decode(file, ["-f", "rawvideo", "-pix_fmt", "gray"]);
  const size = width * height;
  return Array.from(
    { length: pixels.length / size },
    (_, i) => pixels.subarray(i * size, (i + 1) * size),
  );
}

async function firstChannel(file: string): Promise<Float32Array> {
  const output = ["-f", "f32le", "-af", "pan=mono|c0=c0"];
  return new Float32Array((await decode(file, output)).slice().buffer);
}

/** The center of all pixels that are not black, whatever their shade. */
function centroid(frame: Uint8Array, width: number): [x: number, y: number] {
  let [count, x, y] = [0, 0, 0];
  frame.forEach((pixel, i) => {
    if (pixel < 30) return;
    count++;
    x += i % width + 0.5;
    y += Math.floor(i / width) + 0.5;
  });
  return [x / count, y / count];
}

function assertNear(actual: [number, number], expected: [number, number]) {
  const distance = Math.hypot(
    actual[0] - expected[0],
    actual[1] - expected[1],
  );
  assert(distance < 1, `Expected the center at ${expected}, got ${actual}`);
}

function fileNames(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
