/** Both ways between pointwire and Pion, over WHIP and WHEP. */
import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { ROOT, temporaryFolder, testWith } from "../support.ts";
import {
  assertPublishes,
  assertWatches,
  type Codec,
  type Driver,
} from "./foreign.ts";

const FOLDER = `${ROOT}tests/peers/pion`;

/** Made once, for all tests of this file, from what Go has in its caches. */
async function buildPion(folder: string): Promise<Driver> {
  const program = `${folder}/pion`;
  await run("go", ["build", "-C", FOLDER, "-o", program, "."]);
  return { program, args: [] };
}

async function run(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { GOPROXY: "off" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assertEquals(success, true, text.decode(stderr));
  return text.decode(stdout);
}

/** Two seconds, as Pion reads them from files: IVF or Annex B, and Ogg. */
async function makeMedia(folder: string, codec: Codec) {
  const video = fileOf(folder, codec);
  const audio = `${folder}/sound.ogg`;
  const encoder = codec === "VP8"
    ? ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]
    : [
      ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
      ...["-x264-params", "aud=1:bframes=0"],
    ];
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x480:rate=30"],
    ...["-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", "2"],
    ...["-map", "0:v", ...encoder, "-b:v", "2M", "-g", "30", video],
    ...["-map", "1:a", "-t", "2", "-c:a", "libopus", "-page_duration", "20000"],
    audio,
  ]);
  return ["--video", video, "--audio", audio];
}

function fileOf(folder: string, codec: Codec): string {
  return `${folder}/picture.${codec === "VP8" ? "ivf" : "h264"}`;
}

for (
  const [codec, clouds, ...snap] of [
    ["VP8", 6],
    ["VP8", 6, "--snap"],
    ["H264", 0],
  ] as const
) {
  const rest = `${codec} and Opus${clouds > 0 ? ", and points" : ""}` +
    (snap.length > 0 ? ", without SCTP's set-up" : "");
  testWith(
    ["pion", "ffmpeg"],
    `Pion publishes ${rest}`,
    async () => {
      await using folder = await temporaryFolder();
      const driver = await buildPion(folder.path);
      const media = await makeMedia(folder.path, codec);
      const args = [...media, ...snap];
      const { video } = await assertPublishes(driver, { codec, clouds, args });
      assertEquals([video.width, video.height], [640, 480]);
      assertEquals([video.frames, video.keyframes], [60, 2]);
    },
  );

  testWith(
    ["pion", "ffmpeg"],
    `Pion watches ${rest}`,
    async () => {
      await using folder = await temporaryFolder();
      const driver = await buildPion(folder.path);
      const video = fileOf(folder.path, codec);
      const args = ["--video", video, ...snap];
      const { frames } = await assertWatches(driver, { codec, clouds, args });
      // Pion decodes nothing.
      const decoded = await run("ffprobe", [
        ...["-v", "error", "-of", "csv=p=0"],
        ...["-show_entries", "frame=width,height", video],
      ]);
      // Side data of a frame adds a comma, or a line.
      const pictures = decoded.match(/\d+,\d+/g) ?? [];
      assertEquals(new Set(pictures), new Set(["320,240"]));
      assertGreaterOrEqual(pictures.length, frames.video - 1);
    },
  );
}
