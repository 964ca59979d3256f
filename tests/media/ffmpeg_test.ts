import {
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { testWith } from "../support.ts";
import { probeMedia } from "../../lib/media/ffmpeg.ts";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { lastLine } from "../../lib/media/ffmpeg_tool.ts";

/** A path in a directory of its own. */
async function temporaryPath(name: string) {
  const directory = await Deno.makeTempDir();
  return {
    directory,
    path: `${directory}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

async function ffmpeg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-v", "error", "-y", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const PICTURE = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=30000/1001"];
const TONE = ["-f", "lavfi", "-i", "sine=f=440:r=44100"];

async function probeError(path: string): Promise<FfmpegError> {
  return await assertRejects(() => probeMedia(path), FfmpegError);
}

testWith(
  [],
  "probeMedia() says that ffprobe is missing, and what to do",
  async () => {
    const error = await assertRejects(
      () => probeMedia("any.mp4", { ffprobe: "pointwire-no-such-program" }),
      FfmpegError,
    );
    assertEquals(error.reason, "not-found");
    assertEquals(
      error.message,
      "pointwire-no-such-program was not found on PATH: install ffmpeg (apt install ffmpeg, brew install ffmpeg) or use --media none",
    );
  },
);

testWith(
  [],
  "probeMedia() says that a program may not be executed",
  async () => {
    await using file = await temporaryPath("ffprobe");
    await Deno.writeTextFile(file.path, "", { mode: 0o600 });
    const error = await assertRejects(
      () => probeMedia("any.mp4", { ffprobe: file.path }),
      FfmpegError,
    );
    assertEquals(error.reason, "failed");
    assertStringIncludes(error.message, `${file.path} may not be executed`);
  },
);

testWith(["ffmpeg"], "probeMedia() names a missing file", async () => {
  await using file = await temporaryPath("missing.mp4");
  const error = await probeError(file.path);
  assertEquals(error.reason, "unreadable");
  assertEquals(
    error.message,
    `Can't read the media file ${file.path}: No such file or directory; ` +
      `check the path, or use --media none`,
  );
});

testWith(["ffmpeg"], "probeMedia() refuses a directory", async () => {
  await using file = await temporaryPath("any");
  const error = await probeError(file.directory);
  assertEquals(error.reason, "unreadable");
  assertStringIncludes(error.message, `${file.directory}: Is a directory;`);
});

testWith(["ffmpeg"], "probeMedia() refuses what is no media", async () => {
  await using file = await temporaryPath("text.mp4");
  for (const content of ["", "not a film at all"]) {
    await Deno.writeTextFile(file.path, content);
    const error = await probeError(file.path);
    assertEquals(error.reason, "unreadable");
    assertStringIncludes(error.message, `${file.path}: Invalid data found`);
  }
});

testWith(
  ["ffmpeg"],
  "probeMedia() refuses media without audio and video",
  async () => {
    await using file = await temporaryPath("subtitles.mkv");
    const subtitles = `${file.directory}/subtitles.srt`;
    await Deno.writeTextFile(
      subtitles,
      "1\n00:00:01,000 --> 00:00:02,000\nhello\n",
    );
    await ffmpeg("-i", subtitles, file.path);
    const error = await probeError(file.path);
    assertEquals(error.reason, "no-streams");
    assertStringIncludes(error.message, file.path);
  },
);

testWith(["ffmpeg"], "probeMedia() describes audio and video", async () => {
  await using file = await temporaryPath("both.mp4");
  await ffmpeg(...PICTURE, ...TONE, "-ac", "2", "-t", "1", file.path);
  const { video, audio, durationS } = await probeMedia(file.path);
  assertEquals(video, {
    codec: "h264",
    width: 320,
    height: 240,
    frameRate: 30000 / 1001,
    isStill: false,
  });
  assertEquals(audio, { codec: "aac", channels: 2, sampleRate: 44100 });
  assertAlmostEquals(durationS!, 1, 0.1);
});

testWith(
  ["ffmpeg"],
  "probeMedia() takes a path for nothing but a path",
  async () => {
    for (const path of ["-version", "pipe:0", "http://127.0.0.1:9/a.mp4"]) {
      const error = await probeError(path);
      assertEquals(error.reason, "unreadable");
      assertStringIncludes(error.message, `${path}: No such file or directory`);
    }
  },
);

testWith(["ffmpeg"], "probeMedia() counts cover art as no video", async () => {
  await using file = await temporaryPath("cover.m4a");
  const cover = ["-f", "lavfi", "-i", "testsrc=d=0.04"];
  const codecs = ["-c:v", "png", "-disposition:v", "attached_pic"];
  await ffmpeg(...cover, ...TONE, "-t", "1", ...codecs, file.path);
  const info = await probeMedia(file.path);
  assertEquals(info.video, undefined);
  assertEquals(info.audio?.codec, "aac");
});

testWith(
  ["ffmpeg"],
  "probeMedia() rejects with the reason of its signal",
  async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const probing = probeMedia("any.mp4", { signal: controller.signal });
    controller.abort(reason);
    assertEquals(await assertRejects(() => probing), reason);
  },
);

Deno.test("lastLine() skips empty lines, addresses and ffmpeg's summary", () => {
  const stderr = "first\n[libvpx @ 0x55d0] [error] it broke \r\n\n" +
    "Conversion failed!\n";
  assertEquals(lastLine(stderr), "it broke");
  assertEquals(lastLine(""), "");
});
