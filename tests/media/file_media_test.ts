import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import {
  type FileMedia,
  type FileMediaOptions,
  openFileMedia,
} from "../../lib/media/file_media.ts";
import type { MediaKind } from "../../lib/media/frame.ts";
import { ivfFrameHeader, ivfHeader } from "../../lib/recording/ivf.ts";
import { OggOpusWriter } from "../../lib/recording/ogg_opus.ts";
import { parseRtp, type RtpPacket } from "../../lib/media/rtp.ts";
import type { SenderReport } from "../../lib/media/rtp_clock.ts";
import { parseVp8Payload } from "../../lib/media/vp8.ts";

const withFfmpeg = {
  ignore: !await runs("ffmpeg") || !await runs("ffprobe"),
  // Each test shows that no process, socket or timer is left.
  sanitizeResources: true,
  sanitizeOps: true,
};
if (withFfmpeg.ignore) {
  console.warn("ffmpeg or ffprobe is missing: its tests are ignored");
}

async function runs(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["-version"],
      stdout: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

async function ffmpeg(
  args: string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-y", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // A program that ends before it has read all says why itself.
  const writing = new Blob([input.slice()]).stream().pipeTo(child.stdin)
    .catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await writing;
  const said = new TextDecoder().decode(stderr);
  if (!success || said !== "") throw new Error(said);
  return stdout;
}

/** A media file in a directory of its own, made by ffmpeg. */
async function mediaFile(name: string, ...args: string[]) {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/${name}`;
  await ffmpeg([...args, path]);
  return {
    directory,
    path,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function lavfi(source: string): string[] {
  return ["-f", "lavfi", "-i", source];
}

/**
 * A packet, when it came in milliseconds, and its timestamp in seconds from the
 * first of its kind on.
 */
interface Received extends RtpPacket {
  at: number;
  seconds: number;
  size: number;
}

interface Recording {
  video: Received[];
  audio: Received[];
  reports: Record<MediaKind, SenderReport[]>;
}

const CLOCK_RATE = { video: 90_000, audio: 48_000 };

/**
 * Starts `media` and takes what comes until the last packet's timestamp is
 * `seconds` after the first's.
 *
 * @param onPicture called with the first packet of video.
 */
async function record(
  media: FileMedia,
  seconds: number,
  onPicture = () => {},
): Promise<Recording> {
  const recording: Recording = {
    video: [],
    audio: [],
    reports: { video: [], audio: [] },
  };
  const enough = Promise.withResolvers<void>();
  const goesOn = new Set(media.tracks.map((track) => track.kind));
  media.start({
    onRtp({ kind }, packet) {
      const received = receive(kind, packet, recording[kind][0]);
      recording[kind].push(received);
      if (kind === "video" && recording.video.length === 1) onPicture();
      if (received.seconds >= seconds) goesOn.delete(kind);
      if (goesOn.size === 0) enough.resolve();
    },
    onSenderReport: ({ kind }, report) => recording.reports[kind].push(report),
  });
  await Promise.race([enough.promise, endsTooSoon(media)]);
  return recording;
}

async function endsTooSoon(media: FileMedia): Promise<never> {
  await media.ended;
  throw new Error("the media was closed while it was recorded");
}

function receive(
  kind: MediaKind,
  bytes: Uint8Array,
  first?: RtpPacket,
): Received {
  const packet = parseRtp(bytes)!;
  const ticks = (packet.timestamp - (first ?? packet).timestamp) | 0;
  const seconds = ticks / CLOCK_RATE[kind];
  return { ...packet, at: performance.now(), seconds, size: bytes.length };
}

function assertContiguous(packets: Received[]): void {
  for (const [i, packet] of packets.slice(1).entries()) {
    const expected = (packets[i].sequenceNumber + 1) & 0xffff;
    assertEquals(packet.sequenceNumber, expected);
    assert(packet.seconds >= packets[i].seconds, "a timestamp goes back");
    assertLess(packet.size, 1201);
  }
}

/** Each arrives as long after the first as its timestamp says. */
function assertRealTime(packets: Received[], toleranceMs: number): void {
  for (const { at, seconds } of packets) {
    assertAlmostEquals(at - packets[0].at, seconds * 1000, toleranceMs);
  }
}

interface Vp8Frame {
  seconds: number;
  data: Uint8Array;
  isKeyframe: boolean;
}

function vp8Frames(packets: Received[]): Vp8Frame[] {
  const payloads = Map.groupBy(packets, (packet) => packet.seconds);
  return [...payloads].map(([seconds, packets]) => {
    const parts = packets.map((packet) =>
      parseVp8Payload(packet.payload)!.data
    );
    const data = concat(parts);
    return { seconds, data, isKeyframe: (data[0] & 1) === 0 };
  });
}

function ivf(frames: Vp8Frame[]): Uint8Array {
  return concat([
    ivfHeader({
      codec: "VP8",
      width: 0,
      height: 0,
      frames: frames.length,
    }),
    ...frames.flatMap(({ data, seconds }) => [
      ivfFrameHeader(data.length, Math.round(seconds * 90_000)),
      data,
    ]),
  ]);
}

/** NAL units of single-NAL, STAP-A and FU-A packets (RFC 6184), by frame. */
function h264Frames(packets: Received[]): Uint8Array[][] {
  const byTime = Map.groupBy(packets, (packet) => packet.seconds);
  return [...byTime.values()].map((packets) => {
    const units: number[][] = [];
    for (const { payload } of packets) {
      const type = payload[0] & 0x1f;
      if (type < 24) units.push([...payload]);
      else if (type === 24) units.push(...aggregated(payload));
      else {
        assertEquals(type, 28, "a payload structure of another mode");
        const header = payload[0] & 0xe0 | payload[1] & 0x1f;
        if (payload[1] & 0x80) units.push([header]);
        units.at(-1)!.push(...payload.subarray(2));
      }
    }
    return units.map((unit) => Uint8Array.from(unit));
  });
}

function* aggregated(payload: Uint8Array): Generator<number[]> {
  for (let at = 1; at < payload.length;) {
    const length = payload[at] << 8 | payload[at + 1];
    yield [...payload.subarray(at + 2, at + 2 + length)];
    at += 2 + length;
  }
}

function concat(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Milliseconds since 1900, of the clock that the sender reports of all tracks
 * share.
 */
function captureTime(
  kind: MediaKind,
  { timestamp }: RtpPacket,
  { ntpTimestamp, rtpTimestamp }: SenderReport,
): number {
  const ticks = (timestamp - rtpTimestamp) | 0;
  return Number(ntpTimestamp) / 2 ** 32 * 1000 +
    ticks / CLOCK_RATE[kind] * 1000;
}

/** Where `isOn` changes from false to true. */
function onsets<T>(items: T[], isOn: (item: T) => boolean): T[] {
  return items.filter((item, i) => i > 0 && isOn(item) && !isOn(items[i - 1]));
}

/** Peak signal to noise in dB between two sequences of 8-bit samples. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i] - b[i]) ** 2;
  return 10 * Math.log10(255 ** 2 * a.length / squares);
}

/** Decodes to 4:2:0 pictures one after the other. */
function decode(args: string[], input?: Uint8Array): Promise<Uint8Array> {
  const raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p"];
  return ffmpeg([...args, ...raw, "pipe:1"], input);
}

/**
 * A program that becomes ffmpeg, and holds a named pipe open as long as that
 * lives: even who isn't its parent can wait for its end.
 */
async function observedFfmpeg(directory: string) {
  const program = `${directory}/observed-ffmpeg`;
  const pipe = `${directory}/alive`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  await Deno.writeTextFile(
    program,
    `#!/bin/sh\nexec 9> '${pipe}'\necho $$ >&9\nexec ffmpeg "$@"\n`,
    { mode: 0o755 },
  );
  const decoder = Promise.withResolvers<number>();
  const encoder = Promise.withResolvers<number>();
  const readAll = async () => {
    const file = await Deno.open(pipe);
    let said = "";
    for await (const chunk of file.readable) {
      said += new TextDecoder().decode(chunk);
      const [first, second] = said.split("\n").slice(0, -1).map(Number);
      if (first !== undefined) decoder.resolve(first);
      if (second !== undefined) encoder.resolve(second);
    }
  };
  return {
    ...{ program, gone: readAll() },
    /** The process that was started first, and the second. */
    pids: { decoder: decoder.promise, encoder: encoder.promise },
  };
}

/**
 * A second with a flash and a beep in its middle, the audio a little longer
 * than the video.
 */
const FLASHES = [
  ...lavfi("color=black:s=320x240:r=10:d=1"),
  ...lavfi("aevalsrc='between(t,.5,.6)*sin(6000*t)':s=44100:d=1.03"),
  ...["-vf", "drawbox=c=white:t=fill:enable='between(t,.49,.59)'"],
  ...["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
];

Deno.test(
  "FileMedia goes on over the ends of its file, in time and in sync",
  withFfmpeg,
  async (t) => {
    await using file = await mediaFile("flashes.mp4", ...FLASHES);
    await using media = await openFileMedia(file.path);
    assertEquals(media.tracks, [
      { kind: "video", codec: "VP8", clockRate: 90_000 },
      { kind: "audio", codec: "opus", clockRate: 48_000 },
    ]);
    const { video, audio, reports } = await record(media, 2.8);
    await media[Symbol.asyncDispose]();
    const frames = vp8Frames(video);

    await t.step("sequence numbers and timestamps go on", () => {
      assertContiguous(video);
      assertContiguous(audio);
    });

    await t.step("there is no gap", () => {
      frames.forEach((frame, i) => assertAlmostEquals(frame.seconds, i / 10));
      for (const [i, packet] of audio.slice(1).entries()) {
        assertLess(packet.seconds - audio[i].seconds, 0.05);
      }
    });

    await t.step("there is no burst", () => {
      assertRealTime(video, 250);
      assertRealTime(audio, 250);
    });

    await t.step("it begins with a keyframe", () => {
      assert(frames[0].isKeyframe, "the first frame is none");
    });

    await t.step(
      "a flash and its beep were captured at the same time",
      async () => {
        const flashes = (await flashTimes(video))
          .map((packet) => captureTime("video", packet, reports.video[0]));
        const beeps = (await beepTimes(audio)).map(([packet, offset]) =>
          captureTime("audio", packet, reports.audio[0]) + offset
        );
        assertEquals([flashes.length, beeps.length], [3, 3]);
        for (const [i, flash] of flashes.entries()) {
          // From the second time on, the file's frames aren't on the stream's
          // grid.
          assertAlmostEquals(flash, beeps[i], i === 0 ? 10 : 60);
        }
      },
    );
  },
);

/** The packets that begin the frames in which a flash begins. */
async function flashTimes(packets: Received[]): Promise<Received[]> {
  const frames = vp8Frames(packets);
  const pixels = await decode(["-f", "ivf", "-i", "pipe:0"], ivf(frames));
  const pictureBytes = 320 * 240 * 3 / 2;
  const shown = frames.map(({ seconds }, i) => ({
    packet: packets.find((packet) => packet.seconds === seconds)!,
    isBright: pixels[i * pictureBytes] > 128,
  }));
  return onsets(shown, (frame) => frame.isBright).map(({ packet }) => packet);
}

/** The packets in which sound begins, and how many milliseconds into each. */
async function beepTimes(packets: Received[]): Promise<[Received, number][]> {
  const writer = new OggOpusWriter();
  const file = concat([
    ...writer.header(),
    ...packets.flatMap(({ payload }) => [...writer.write(payload)]),
    ...writer.close(),
  ]);
  const raw = ["-f", "s16le", "-ac", "1", "-ar", "48000", "pipe:1"];
  const bytes = await ffmpeg(["-i", "pipe:0", ...raw], file);
  const samples = new Int16Array(bytes.slice().buffer);
  const milliseconds = Array.from(
    { length: Math.floor(samples.length / 48) },
    (_, i) => samples.subarray(48 * i, 48 * (i + 1)).some((s) => s > 5000),
  );
  const starts = onsets([...milliseconds.entries()], ([, isLoud]) => isLoud);
  // The tone crosses zero, so a silent millisecond alone is no end of it.
  return starts.filter(([i]) => !milliseconds.slice(i - 50, i).includes(true))
    .map(([i]) => [packets[Math.floor(i / 20)], i % 20]);
}

const PATTERN_SECONDS = 2;
/** Sizes that 4:2:0 has no room for; what a receiver gets is 320x240. */
const PATTERN = [
  ...lavfi(`testsrc2=s=321x241:r=10:d=${PATTERN_SECONDS}`),
  ...["-c:v", "libx264", "-pix_fmt", "yuv444p", "-qp", "0"],
];

async function assertLooksLike(received: Uint8Array, path: string) {
  const source = await decode(["-i", path, "-vf", "scale=320:240"]);
  assertGreater(received.length, source.length / 2);
  assertGreater(psnr(received.subarray(0, source.length), source), 30);
}

Deno.test(
  "FileMedia streams VP8 without audio that looks like its file",
  withFfmpeg,
  async () => {
    await using file = await mediaFile("pattern.mp4", ...PATTERN);
    await using media = await openFileMedia(file.path);
    assertEquals(media.tracks.map((track) => track.kind), ["video"]);
    const { video, audio } = await record(media, 1.2);
    assertEquals(audio, []);
    const stream = ivf(vp8Frames(video).slice(0, -1));
    await assertLooksLike(
      await decode(["-f", "ivf", "-i", "pipe:0"], stream),
      file.path,
    );
  },
);

Deno.test(
  "FileMedia streams H.264 that can be joined where a keyframe is asked for",
  withFfmpeg,
  async () => {
    await using file = await mediaFile("pattern.mp4", ...PATTERN);
    await using media = await openFileMedia(file.path, { videoCodec: "h264" });
    assertEquals(media.tracks, [
      { kind: "video", codec: "H264", clockRate: 90_000 },
    ]);
    const { video } = await record(media, 2.5, () => media.requestKeyframe());
    assertContiguous(video);
    const frames = h264Frames(video).slice(0, -1);
    const types = frames.map((units) => units.map((unit) => unit[0] & 0x1f));
    const keyframes = types.filter((types) => types.includes(5));
    assert(types[0].includes(5), "the first frame is no keyframe");
    assertEquals(keyframes.length, 2, "one more was asked for");
    for (const types of keyframes) {
      assertEquals(types.filter((type) => type !== 6).slice(0, 2), [7, 8]);
    }
    const [sps] = frames[0].filter((unit) => (unit[0] & 0x1f) === 7);
    assertEquals([sps[1], sps[2] & 0xc0], [66, 0xc0], "constrained baseline");
    const stream = concat(
      frames.flat().flatMap((unit) => [Uint8Array.of(0, 0, 0, 1), unit]),
    );
    await assertLooksLike(
      await decode(["-f", "h264", "-i", "pipe:0"], stream),
      file.path,
    );
  },
);

Deno.test("FileMedia streams a file without video", withFfmpeg, async () => {
  const tone = lavfi("sine=f=440:r=22050:d=1");
  await using file = await mediaFile("tone.wav", ...tone);
  await using media = await openFileMedia(file.path, { videoCodec: "h264" });
  assertEquals(media.tracks, [
    { kind: "audio", codec: "opus", clockRate: 48_000 },
  ]);
  const { audio, video } = await record(media, 1.2);
  assertEquals(video, []);
  assertContiguous(audio);
});

const SHORT = [...lavfi("testsrc=r=30:d=0.5"), ...lavfi("sine=d=0.5")];

/** Opens a short file, with an ffmpeg whose end can be waited for. */
async function openObserved(options: FileMediaOptions = {}) {
  const file = await mediaFile("short.mkv", ...SHORT);
  const { program, pids, gone } = await observedFfmpeg(file.directory);
  const media = await openFileMedia(file.path, { ...options, ffmpeg: program });
  return {
    ...{ media, path: file.path, pids, gone },
    async [Symbol.asyncDispose]() {
      await media[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  "FileMedia is gone with its ffmpeg when it is disposed of",
  withFfmpeg,
  async () => {
    await using opened = await openObserved();
    const { media, gone } = opened;
    await record(media, 0.1);
    const before = performance.now();
    await Promise.all([
      media[Symbol.asyncDispose](),
      media[Symbol.asyncDispose](),
    ]);
    assertLess(performance.now() - before, 1500);
    await gone;
    await media.ended;
    assertThrows(() => media.start({ onRtp() {} }), Error, "closed already");
  },
);

Deno.test(
  "FileMedia can be disposed of before it is started",
  withFfmpeg,
  async () => {
    await using file = await mediaFile("short.mkv", ...SHORT);
    const media = await openFileMedia(file.path);
    await media[Symbol.asyncDispose]();
    await media.ended;
  },
);

Deno.test("FileMedia is started once", withFfmpeg, async () => {
  await using file = await mediaFile("short.mkv", ...SHORT);
  await using media = await openFileMedia(file.path);
  media.start({ onRtp() {} });
  assertThrows(() => media.start({ onRtp() {} }), Error, "started already");
});

Deno.test("FileMedia ends with its signal", withFfmpeg, async () => {
  const controller = new AbortController();
  await using opened = await openObserved({ signal: controller.signal });
  const { media, gone } = opened;
  await record(media, 0.1);
  controller.abort();
  await media.ended;
  await gone;
});

Deno.test(
  "openFileMedia() rejects with the reason of its signal",
  withFfmpeg,
  async () => {
    await using file = await mediaFile("short.mkv", ...SHORT);
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(
      () => openFileMedia(file.path, { signal }),
      Error,
      "enough",
    );
  },
);

Deno.test("FileMedia says that ffmpeg died, and how", withFfmpeg, async () => {
  await using opened = await openObserved();
  const { media, path, pids, gone } = opened;
  await record(media, 0.1);
  Deno.kill(await pids.decoder, "SIGKILL");
  const error = await assertRejects(() => media.ended, FfmpegError);
  assertEquals(error.reason, "failed");
  assertEquals(
    error.message,
    `ffmpeg ended by itself (killed by SIGKILL) while it streamed ${path}`,
  );
  await gone;
});

Deno.test("FileMedia ends where its encoder dies", withFfmpeg, async () => {
  await using opened = await openObserved();
  const { media, pids, gone } = opened;
  await record(media, 0.1);
  Deno.kill(await pids.encoder, "SIGKILL");
  const error = await assertRejects(() => media.ended, FfmpegError);
  assertEquals(
    error.message,
    "ffmpeg ended by itself (killed by SIGKILL) while it encoded video",
  );
  await gone;
});

Deno.test("FileMedia says why ffmpeg could not go on", withFfmpeg, async () => {
  await using file = await mediaFile("short.mkv", ...SHORT);
  await using media = await openFileMedia(file.path);
  await Deno.remove(file.path);
  media.start({ onRtp() {} });
  const error = await assertRejects(() => media.ended, FfmpegError);
  assertEquals(error.reason, "failed");
  assertStringIncludes(error.message, "No such file or directory");
});

Deno.test("FileMedia says that ffmpeg is missing", withFfmpeg, async () => {
  await using file = await mediaFile("short.mkv", ...SHORT);
  const options = { ffmpeg: "pointwire-no-such-program" };
  await using media = await openFileMedia(file.path, options);
  media.start({ onRtp() {} });
  const error = await assertRejects(() => media.ended, FfmpegError);
  assertEquals(error.reason, "not-found");
  assertStringIncludes(error.message, "was not found on PATH");
});

Deno.test("openFileMedia() refuses a missing file", withFfmpeg, async () => {
  const error = await assertRejects(
    () => openFileMedia("no-such-file.mp4"),
    FfmpegError,
  );
  assertEquals(error.reason, "unreadable");
});

Deno.test(
  "FileMedia's ffmpeg doesn't outlive a process that is killed",
  withFfmpeg,
  async () => {
    await using file = await mediaFile("short.mkv", ...SHORT);
    const { program, gone } = await observedFfmpeg(file.directory);
    const script = `${file.directory}/stream.ts`;
    const library = new URL("../../lib/media/file_media.ts", import.meta.url);
    const code = `
    import { openFileMedia } from ${JSON.stringify(library.href)};
    const [path, ffmpeg] = Deno.args;
    const media = await openFileMedia(path, { ffmpeg });
    media.start({ onRtp: () => console.log("packet") });
  `;
    await Deno.writeTextFile(script, code);
    const permissions = [
      `--allow-run=${program},ffprobe`,
      // A Worker's modules are read with the rights of the program.
      "--allow-read",
    ];
    const args = [
      "run",
      "--quiet",
      "--no-check",
      "--no-prompt",
      ...permissions,
    ];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, script, file.path, program],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGKILL");
    const before = performance.now();
    await Promise.all([gone, reader.cancel(), child.status]);
    assertLess(performance.now() - before, 2000);
  },
);
