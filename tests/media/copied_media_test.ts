/** Live video that goes on as it comes, and when it doesn't. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { nalUnits } from "../../lib/media/annex_b.ts";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { MediaInputError } from "../../lib/media/media_input.ts";
import { openMedia } from "../../lib/media/open_media.ts";
import { testWith, until } from "../support.ts";
import {
  assertGoesOn,
  logOf,
  senderForAll,
  type SenderOptions,
  Taker,
} from "./live.ts";
import { freePort } from "../free_port.ts";

const leavingNothing = { sanitizeOps: true, sanitizeResources: true };
const PATIENCE_MS = 60_000;

/** A sender by HTTP on a port of its own. */
function camera(options: SenderOptions = {}) {
  const url = `http://127.0.0.1:${freePort()}/live`;
  const { container = "mpegts" } = options;
  const start = (more: SenderOptions = {}) =>
    senderForAll({
      ...{ ...options, ...more },
      to: ["-f", container, "-listen", "1", url],
    });
  return { url, start };
}

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10"];
const LIVE = [...H264, "-tune", "zerolatency"];

/** NAL unit types of a frame. */
function typesOf(data: Uint8Array): number[] {
  return [...nalUnits(data)].map(([header]) => header & 0x1f);
}

for (const container of ["mpegts", "flv", "matroska"]) {
  testWith(
    ["ffmpeg"],
    `H.264 in ${container} without B-frames goes on as it comes`,
    async () => {
      const { url, start } = camera({ video: LIVE, container });
      await using _sender = start();
      const { lines, log } = logOf();
      await using media = await openMedia(url, {
        ...{ log, copying: "fitting", patienceMs: PATIENCE_MS },
      });
      assertEquals(media.tracks.map(({ codec }) => codec), ["H264", "opus"]);
      const taker = new Taker(media);
      const frames = await taker.more(30);
      assertGoesOn(frames);
      assertEquals(taker.lost(), 0);
      const keyframes = frames.filter(({ keyframe }) => keyframe);
      // Every tenth, as the sender has it, each with what decoding needs.
      assertEquals(keyframes.map((frame) => frames.indexOf(frame) % 10), [
        ...keyframes.map(() => frames.indexOf(keyframes[0])),
      ]);
      for (const { data, width } of keyframes) {
        assertEquals(width, 320);
        const types = typesOf(data);
        assert(types.indexOf(7) < types.indexOf(8), types.join());
        assert(types.indexOf(8) < types.indexOf(5), types.join());
      }
      await until(() => taker.sounds > 10, { what: "sound" });
      assert(!lines.some((line) => line.includes("is encoded")));
    },
    leavingNothing,
  );
}

testWith(
  ["ffmpeg"],
  "VP8 goes on as it comes, and H.264 with B-frames is encoded to it",
  async () => {
    const video = ["-c:v", "libvpx", "-deadline", "realtime", "-g", "10"];
    const { url, start } = camera({ video, container: "matroska" });
    const first = start();
    const { lines, log } = logOf();
    await using media = await openMedia(url, {
      ...{ log, copying: "fitting", patienceMs: PATIENCE_MS },
    });
    assertEquals(media.tracks[0].codec, "VP8");
    const taker = new Taker(media);
    await taker.more(30);
    assert(!lines.some((line) => line.includes("is encoded")));
    await first[Symbol.asyncDispose]();
    await using _second = start({
      video: [...H264, "-bf", "2"],
      size: "160x120",
    });
    await until(() => taker.frames.at(-1)!.width === 160, {
      what: () => `pictures of the second sender: ${lines.join("\n")}`,
      within: PATIENCE_MS,
    });
    assertGoesOn(taker.frames);
    assert(lines.some((line) => line.includes("the video is encoded")));
  },
  leavingNothing,
);

testWith(["ffmpeg"], "B-frames are encoded, or an error", async () => {
  const video = [...H264, "-bf", "2", "-b_strategy", "0"];
  const { url, start } = camera({ video });
  await using _sender = start();
  const { lines, log } = logOf();
  {
    await using media = await openMedia(url, {
      ...{ log, copying: "fitting", patienceMs: PATIENCE_MS },
    });
    assertEquals(media.tracks[0].codec, "VP8");
    const taker = new Taker(media);
    assertGoesOn(await taker.more(20));
    assert(lines.some((line) => line.includes("it has B-frames")));
  }
  const error = await assertRejects(
    () => openMedia(url, { log, copying: "all", patienceMs: PATIENCE_MS }),
    FfmpegError,
    "it has B-frames",
  );
  assert(error.message.includes("leave --video-codec copy out"));
}, leavingNothing);

testWith(
  ["ffmpeg"],
  "what the network has no room for is encoded, until it has",
  async () => {
    const video = [...LIVE, "-b:v", "1M", "-minrate", "1M", "-maxrate", "1M"];
    const { url, start } = camera({ video: [...video, "-bufsize", "200k"] });
    const { lines, log } = logOf();
    await using _sender = start();
    await using media = await openMedia(url, {
      ...{ log, copying: "fitting", patienceMs: PATIENCE_MS },
    });
    const taker = new Taker(media);
    await until(() => media.videoBitrates!.most < 2e6, {
      what: "what the camera sends",
      within: PATIENCE_MS,
    });
    const { most } = media.videoBitrates!;
    assertGreater(most, 600_000);
    const narrow = setInterval(() => media.setVideoBitrate(300_000), 100);
    try {
      await until(() => lines.some((line) => line.includes("no room")), {
        what: () => lines.join("\n"),
        within: PATIENCE_MS,
      });
      const encoded = await taker.more(40);
      const bytes = encoded.slice(20)
        .reduce((sum, { data }) => sum + data.length, 0);
      // A second of 20 frames.
      assertGreater(500_000, 8 * bytes);
    } finally {
      clearInterval(narrow);
    }
    const wide = setInterval(() => media.setVideoBitrate(20e6), 100);
    try {
      await until(() => lines.some((line) => line.includes("copied again")), {
        what: () => lines.join("\n"),
        within: PATIENCE_MS,
      });
      await taker.more(40);
    } finally {
      clearInterval(wide);
    }
    assertEquals(taker.frames.every(({ codec }) => codec === "H264"), true);
    assertGoesOn(taker.frames);
  },
  leavingNothing,
);

testWith(["ffmpeg"], "a file isn't copied", async () => {
  const { log } = logOf();
  await assertRejects(
    () => openMedia("tests/data/test.mp4", { log, copying: "all" }),
    MediaInputError,
    "a file's is encoded",
  );
});
