/** Files that people have, and that ffmpeg needs help with. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { openFileMedia } from "../../lib/media/file_media.ts";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import { temporaryFolder, testWith, until } from "../support.ts";

const leavingNothing = { sanitizeOps: true, sanitizeResources: true };

async function ffmpeg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-v", "error", "-y", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25"];
const TONE = ["-f", "lavfi", "-i", "sine=sample_rate=48000"];

/** Opens a file, and counts its frames. */
async function counting(path: string) {
  const media = await openFileMedia(path);
  const video = new FrameAssembler({ codec: "VP8" });
  /** RTP timestamps of packets, and of frames. */
  const times = { audio: [] as number[], video: [] as number[] };
  media.start({
    onRtp: ({ kind }, bytes) => {
      const packet = parseRtp(bytes)!;
      if (kind === "audio") times.audio.push(packet.timestamp);
      else {
        for (const { timestamp } of video.push(packet)) {
          times.video.push(timestamp);
        }
      }
    },
  });
  return { media, times, frames: () => video.counters.frames };
}

testWith(
  ["ffmpeg"],
  "MPEG-TS with B-frames gives all of its pictures in each round",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/b.ts`;
    const video = ["-c:v", "libx264", "-bf", "3", "-b_strategy", "0"];
    await ffmpeg(...PICTURE, ...TONE, "-t", "2", ...video, "-c:a", "mp2", path);
    const { media, times } = await counting(path);
    await using _media = media;
    const ROUNDS = 4;
    await until(() => times.video.length >= ROUNDS * 50, {
      what: () => `four rounds: ${times.video.length} pictures`,
      within: 60_000,
    });
    const [first] = times.video;
    const rounds = Array.from({ length: ROUNDS }, (_, i) => {
      const from = i * 2 * 90_000;
      return times.video.map((time) => (time - first) | 0)
        .filter((ticks) => ticks >= from && ticks < from + 2 * 90_000).length;
    });
    // A busy machine leaves out some, and sound may be longer than pictures.
    for (const count of rounds.slice(0, -1)) {
      assert(count >= 40 && count <= 50, rounds.join());
    }
    const sound = times.audio.slice(1)
      .map((time, i) => (time - times.audio[i]) | 0);
    assert(sound.every((ticks) => ticks > 0 && ticks < 4800), sound.join());
  },
  leavingNothing,
);

testWith(["ffmpeg"], "a picture that stands goes on", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a.png", "a.jpg", "a.webp"]) {
    const path = `${folder.path}/${name}`;
    await ffmpeg(...PICTURE, "-frames:v", "1", path);
    const { media, frames } = await counting(path);
    await using _media = media;
    assertEquals(media.tracks.length, 1);
    await until(() => frames() >= 6, { what: name, within: 30_000 });
  }
}, leavingNothing);

const TS_PACKET = 188;
/** What ffmpeg numbers the first stream of a TS by. */
const VIDEO_PID = 256;

testWith(
  ["ffmpeg"],
  "what was cut before its only keyframe is sent as sound, and that is said",
  async () => {
    await using folder = await temporaryFolder();
    const whole = `${folder.path}/whole.ts`;
    const codecs = ["-c:v", "libx264", "-g", "250", "-c:a", "mp2"];
    await ffmpeg(...PICTURE, ...TONE, "-t", "4", ...codecs, whole);
    const bytes = await Deno.readFile(whole);
    const cut = async () => {
      const kept: number[] = [];
      let seen = 0;
      for (let at = 0; at < bytes.length; at += TS_PACKET) {
        const pid = (bytes[at + 1] & 0x1f) << 8 | bytes[at + 2];
        if (pid === VIDEO_PID && seen++ < 60) continue;

        kept.push(...bytes.subarray(at, at + TS_PACKET));
      }
      const path = `${folder.path}/cut.ts`;
      await Deno.writeFile(path, Uint8Array.from(kept));
      return path;
    };
    const said: string[] = [];
    const log = { warn: (line: string) => void said.push(line) };
    await using media = await openFileMedia(await cut(), { log });
    assertEquals(media.tracks.map(({ kind }) => kind), ["audio"]);
    assert(said[0].includes("its sound is sent alone"), said[0]);
  },
  leavingNothing,
);

testWith(
  ["ffmpeg"],
  "pictures alone without a keyframe are refused",
  async () => {
    await using folder = await temporaryFolder();
    const whole = `${folder.path}/whole.ts`;
    await ffmpeg(...PICTURE, "-t", "4", "-c:v", "libx264", "-g", "250", whole);
    const bytes = await Deno.readFile(whole);
    const path = `${folder.path}/cut.ts`;
    // The tables stay, and the keyframe goes.
    const head = bytes.subarray(0, 3 * TS_PACKET);
    const tail = bytes.subarray(100 * TS_PACKET);
    await Deno.writeFile(path, Uint8Array.of(...head, ...tail));
    await assertRejects(() => openFileMedia(path), FfmpegError);
  },
  leavingNothing,
);
