/** Pictures of bags: at their times, in step with the clouds. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
} from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { FrameAssembler } from "../../../lib/media/frame_assembler.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { PushedMedia } from "../../../lib/media/pushed_media.ts";
import { parseRtp } from "../../../lib/media/rtp.ts";
import type { SenderReport } from "../../../lib/media/rtp_clock.ts";
import { column, toFloat32 } from "../../../lib/points/cloud.ts";
import { openBagMedia } from "../../../lib/sources/bags/bag_media.ts";
import type { PlayingOptions } from "../../../lib/sources/bags/playing.ts";
import { BagPlayers } from "../../../lib/sources/bags/bag_players.ts";
import { findBag } from "../../../lib/sources/bags/open_bag.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { listSource } from "../../../lib/sources/list.ts";
import { openSource } from "../../../lib/sources/open.ts";
import { withTime } from "../../../lib/sources/source.ts";
import { testWith, until } from "../../support.ts";
import { capturedAt, greysOf } from "../captured_pictures.ts";
import { writeBagsWith } from "./write_bags.ts";

const log = createLogger({ level: "error" });

/** Opens a topic of pictures, and takes what comes of it once it is started. */
async function openCamera(
  name: string,
  bags: BagPlayers,
  playing: PlayingOptions & { copies?: boolean } = {},
) {
  const media = await openBagMedia((await findBag(name))!, {
    ...{ ...playing, bags, log },
    openMedia: () => PushedMedia.open({ maxFrameRate: 60 }),
  });
  const assembler = new FrameAssembler({ codec: "VP8" });
  const frames: MediaFrame[] = [];
  const reports: SenderReport[] = [];
  const start = () =>
    media.start({
      onRtp: (_track, packet) =>
        frames.push(...assembler.push(parseRtp(packet)!)),
      onSenderReport: (_track, report) => reports.push(report),
    });
  return { media, frames, reports, start };
}

/** Twice as fast as they were recorded, moments are 50 ms apart. */
const SPEED = 2;
const MOMENT_MS = 100 / SPEED;

const BAGS = ["drive.mcap", "sqlite", "drive.bag"];

for (const bag of BAGS) {
  for (const topic of ["camera", "video"]) {
    testWith(
      ["bag writers", "ffmpeg"],
      `Points and pictures of one moment go out together: ${bag}:/${topic}`,
      async () => {
        await using folder = await writeBagsWith("write_camera_bags.py");
        const path = `${folder.path}/${bag}`;
        const bags = new BagPlayers({ log });
        const { streams: [{ source }] } = await openSource(`${path}:points`, {
          ...{ speed: SPEED, bags, log },
        });
        const camera = await openCamera(`${path}:/${topic}`, bags);
        await using _media = camera.media;
        const { frames, reports } = camera;
        camera.start();
        // Nothing plays until points are asked for, but a picture stands.
        await until(() => frames.length > 0, { what: "the first picture" });
        const clouds: { number: number; captureTime: number }[] = [];
        for (let given; (given = await source.next(0, 0));) {
          const { cloud, captureTime } = withTime(given);
          clouds.push({ number: Number(column(cloud, "x")[0]), captureTime });
        }
        assertEquals(clouds.map(({ number }) => number), [...Array(30).keys()]);
        const captured = (i: number) => capturedAt(frames[i], reports[0]);
        const last = clouds[29].captureTime - MOMENT_MS / 2;
        await until(() => captured(frames.length - 1) > last, {
          what: "the last picture",
        });
        const greys = await greysOf(frames);
        let compared = 0;
        greys.forEach((grey, i) => {
          const of = clouds.find(({ captureTime }) =>
            Math.abs(captureTime - captured(i)) < MOMENT_MS / 2
          );
          // What stood before has no points.
          if (of === undefined) return;
          assertEquals(Math.round(grey / 8), of.number);
          compared++;
        });
        // A slow machine leaves out some.
        assertGreaterOrEqual(compared, 8);
        await source[Symbol.asyncDispose]?.();
      },
    );
  }
}

/** Of video nothing is seen before the next keyframe, each time. */
for (const [topic, start] of [["png", 2], ["video", 1.5]] as const) {
  testWith(
    ["bag writers", "ffmpeg"],
    `Pictures play alone, from where they are to start, again and again: ${topic}`,
    async () => {
      await using folder = await writeBagsWith("write_camera_bags.py");
      const bags = new BagPlayers({ log });
      const name = `${folder.path}/drive.mcap:${topic}`;
      const playing = { start, loop: true, speed: SPEED };
      const camera = await openCamera(name, bags, playing);
      const { frames } = camera;
      await using _media = camera.media;
      camera.start();
      await until(() => frames.length >= 25, { what: "loops", within: 30_000 });
      const numbers = (await greysOf(frames))
        .map((grey) => Math.round(grey / 8));
      for (const number of numbers) assert(number >= 20, `picture ${number}`);
      const again = numbers.filter((n, i) => n < numbers[i - 1]);
      assertGreaterOrEqual(again.length, 1);
    },
  );
}

testWith(
  ["bag writers", "ffmpeg"],
  "WebP in a bag is passed over, which is said",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    const lines: string[] = [];
    const log = createLogger({ write: (line) => lines.push(line) });
    const name = (await findBag(`${folder.path}/drive.mcap:/webp`))!;
    await using media = await openBagMedia(name, {
      bags: new BagPlayers({ log }),
      speed: 20,
      openMedia: () => PushedMedia.open(),
      log,
    });
    media.start({ onRtp: () => {} });
    await until(() => lines.some((line) => line.includes("WebP")), {
      what: "the log",
    });
  },
);

testWith(
  ["bag writers"],
  "A bag's cameras are listed, and told apart",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    const bags = new BagPlayers({ log });
    for (const bag of BAGS) {
      const path = `${folder.path}/${bag}`;
      const topics = await listSource(path, { log });
      assertEquals(
        topics.map(({ name, use }) => `${name} ${use}`),
        [
          ...["/camera pictures", "/png pictures", "/points points"],
          ...["/scan points", "/video pictures", "/webp pictures"],
        ],
      );
      const refused = (name: string, why: string) =>
        assertRejects(() => openCamera(name, bags), SourceError, why);
      await refused(path, "is 4 topics of pictures");
      await refused(`${path}:/*e*`, "such as --media front=");
      await refused(
        `${path}:/points`,
        "has no pictures and no sound; those that have are /c",
      );
      await refused(`${path}:/none`, "has no topic /none");
      await assertRejects(
        () => openCamera(`${path}:/png`, bags, { copies: true }),
        SourceError,
        "The pictures of /png can't be copied: they are png, and no video",
      );
      await assertRejects(
        () => openCamera(`${path}:/camera`, bags, { start: 10 }),
        SourceError,
        "behind the end",
      );
    }
  },
);

testWith(
  ["bag writers"],
  "A bag's laser scans come value by value",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    for (const bag of BAGS) {
      const { streams: [{ source }] } = await openSource(
        `${folder.path}/${bag}:/scan`,
        { speed: 20, log },
      );
      const { cloud, place } = withTime((await source.next(0, 0))!);
      // A ray every half radian, of which three have an echo in range.
      const points = [[1, 0], [2, 2], [3, 5]].flatMap(([range, ray]) => [
        ...[range * Math.cos(ray / 2), range * Math.sin(ray / 2), 0, ray],
      ]);
      assertEquals(toFloat32(cloud), Float32Array.from(points));
      assertEquals(place?.frameId, "laser");
      await source[Symbol.asyncDispose]?.();
    }
  },
);
