/** A topic of video as a camera, as `--media ros:/video` opens it. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { FrameAssembler } from "../../../lib/media/frame_assembler.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { PushedMedia } from "../../../lib/media/pushed_media.ts";
import { parseRtp } from "../../../lib/media/rtp.ts";
import type { SenderReport } from "../../../lib/media/rtp_clock.ts";
import { RosBridges } from "../../../lib/sources/ros/bridges.ts";
import { openTopicMedia } from "../../../lib/sources/ros/topic_media.ts";
import { testWith, until } from "../../support.ts";
import { capturedAt, greysOf } from "../captured_pictures.ts";
import { startBridge } from "./bridge.ts";
import { startRobot } from "./robot.ts";

const log = createLogger({ level: "error" });

async function openCamera(name: string, url: string) {
  const media = await openTopicMedia(name, {
    ...{ bridges: new RosBridges({ log }), url, log },
    openMedia: () => PushedMedia.open(),
  });
  const assembler = new FrameAssembler({ codec: "VP8" });
  const frames: MediaFrame[] = [];
  const reports: SenderReport[] = [];
  media.start({
    onRtp: (_track, packet) =>
      frames.push(...assembler.push(parseRtp(packet)!)),
    onSenderReport: (_track, report) => reports.push(report),
  });
  const newest = () =>
    frames.length === 0 ? 0 : capturedAt(frames.at(-1)!, reports.at(-1)!);
  return { media, frames, reports, newest };
}

testWith(
  ["robot", "ffmpeg"],
  "H.264 of a bridge is shown with the times of its stamps",
  async () => {
    await using bridge = await startBridge({ builtin: ["/video"] });
    const { media, frames, reports } = await openCamera(
      "ros:/video",
      bridge.url,
    );
    await using _media = media;
    await until(() => frames.length >= 15, { what: "frames", within: 30_000 });
    const greys = await greysOf(frames);
    for (const [i, grey] of greys.entries()) {
      const tenths = capturedAt(frames[i], reports[0]) / 100;
      assert(Math.abs(tenths - Math.round(tenths)) < 0.05, `${tenths}`);
      assertEquals(Math.round(grey / 8), Math.round(tenths) % 30);
    }
    assertGreaterOrEqual(new Set(greys.map(Math.round)).size, 10);
  },
);

for (
  const [name, start] of [
    [
      "ros:/video",
      (port?: number) => startBridge({ port, builtin: ["/video"] }),
    ],
    ["ros:/camera", (port?: number) => startRobot({ port })],
  ] as const
) {
  testWith(
    ["robot", "ffmpeg"],
    `A camera that is started again goes on: ${name}`,
    async () => {
      const first = await start();
      const { media, frames, newest } = await openCamera(name, first.url);
      await using _media = media;
      await until(() => frames.length >= 5, {
        ...{ what: "frames", within: 30_000 },
      });
      await first[Symbol.asyncDispose]();
      await using _second = await start(first.port);
      const again = Date.now();
      await until(() => newest() > again, {
        ...{ what: "frames of the second", within: 30_000 },
      });
    },
  );
}
