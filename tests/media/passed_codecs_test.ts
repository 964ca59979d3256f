/** VP9, H.265 and AV1 as encoders make them, through RTP and back. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { beginsKeyframe } from "../../lib/media/keyframe.ts";
import { parseRtp, type RtpPacket } from "../../lib/media/rtp.ts";
import { RtpWriter } from "../../lib/media/rtp_writer.ts";
import { createFrameWriter } from "../../lib/recording/frame_writer.ts";
import { temporaryFolder, testWith } from "../support.ts";
import {
  type CodedVideo,
  encodeVideo,
  extensionOf,
  framesOf,
  type PassedCodec,
  picturesOf,
} from "./coded_video.ts";

const CODECS: PassedCodec[] = ["VP9", "H265", "AV1"];

/** The packets of a file's frames, and the frames that come out of them. */
async function pass(path: string, codec: PassedCodec) {
  const writer = new RtpWriter({ kind: "video", codec, clockRate: 90_000 });
  const packets: RtpPacket[] = [];
  for (const [i, frame] of (await framesOf(path)).entries()) {
    for (const packet of writer.write(frame, i / 30)) {
      assertLessOrEqual(packet.length, 1200);
      packets.push(parseRtp(packet)!);
    }
  }
  const assembler = new FrameAssembler({ codec });
  const frames = packets.flatMap((packet) => assembler.push(packet));
  frames.push(...assembler.flush());
  return { packets, frames, assembler };
}

async function record(folder: string, frames: MediaFrame[]): Promise<string> {
  const [{ codec }] = frames;
  await using writer = createFrameWriter(`${folder}/came`, codec);
  for (const frame of frames) await writer.write(frame);
  assert(writer.path.endsWith(extensionOf(codec)));
  return writer.path;
}

for (const codec of CODECS) {
  testWith(["ffmpeg"], `${codec} is decoded as it was sent`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/sent.${extensionOf(codec)}`;
    await encodeVideo(path, { codec });
    const { packets, frames, assembler } = await pass(path, codec);
    const { keyframes, invalid, framesDropped, width, height } =
      assembler.counters;
    assertEquals([frames.length, keyframes], [30, 3]);
    assertEquals([invalid, framesDropped, width, height], [0, 0, 320, 240]);
    const sent = await picturesOf(path);
    assertEquals(sent.length, 30);
    assertEquals(await picturesOf(await record(folder.path, frames)), sent);

    const starts = packets.filter(({ payload }) =>
      beginsKeyframe(codec, payload)
    );
    assertEquals(
      [...new Set(starts.map(({ timestamp }) => timestamp))],
      frames.filter(({ keyframe }) => keyframe).map((f) => f.timestamp),
    );
  });

  testWith(["ffmpeg"], `${codec} goes on after a loss`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/sent.${extensionOf(codec)}`;
    await encodeVideo(path, { codec });
    const { packets, frames } = await pass(path, codec);
    const byTime = new Map(frames.map((frame) => [frame.timestamp, frame]));
    for (const lost of [0, 3, 9, 20].map((n) => n % packets.length)) {
      const assembler = new FrameAssembler({ codec, maxReorder: 4 });
      const came = packets.filter((_, i) => i !== lost)
        .flatMap((packet) => assembler.push(packet));
      came.push(...assembler.flush());
      // What comes is whole, and at most the frame after it goes with it.
      assertLessOrEqual(frames.length - came.length, 2);
      for (const { timestamp, data } of came) {
        assertEquals(data, byTime.get(timestamp)!.data);
      }
    }
  });
}

const PROFILES: [CodedVideo, profile: number, level?: number][] = [
  [{ codec: "VP9" }, 0],
  [{ codec: "VP9", pixels: "yuv420p10le" }, 2],
  [{ codec: "VP9", pixels: "yuv444p" }, 1],
  [{ codec: "H265", size: "638x358" }, 1, 63],
  [{ codec: "H265", pixels: "yuv420p10le" }, 2, 60],
  [{ codec: "AV1", size: "322x182" }, 0],
  [{ codec: "AV1", pixels: "yuv444p" }, 1],
];

for (const [video, profile, level] of PROFILES) {
  const { codec, size = "320x240", pixels = "" } = video;
  testWith(
    ["ffmpeg"],
    `${codec} ${size} ${pixels} tells its size and profile`,
    async () => {
      await using folder = await temporaryFolder();
      const path = `${folder.path}/sent.${extensionOf(codec)}`;
      await encodeVideo(path, { ...video, frames: 2 });
      const { assembler } = await pass(path, codec);
      const { width, height } = assembler.counters;
      assertEquals(`${width}x${height}`, size);
      assertEquals(assembler.profile?.profile, profile);
      assertEquals(assembler.profile?.level, level);
    },
  );
}
