/** Encoders by name: what works, and what is said of what doesn't. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CLIENT_OPTIONS } from "../../lib/cli/client_options.ts";
import { readMedia } from "../../lib/cli/media_options.ts";
import { UsageError } from "../../lib/cli/options.ts";
import {
  codecOfEncoder,
  encoderArguments,
} from "../../lib/media/encoder_arguments.ts";
import { checkEncoder } from "../../lib/media/encoder_check.ts";
import { FfmpegError } from "../../lib/media/ffmpeg_error.ts";
import { FollowingEncoder } from "../../lib/media/following_encoder.ts";
import { describeH264 } from "../../lib/media/h264.ts";
import { openMedia } from "../../lib/media/open_media.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import type { TimedFrame } from "../../lib/media/video_encoder.ts";
import { logOf, Taker } from "./live.ts";

function joined(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("codecOfEncoder() knows what is sent, by ffmpeg's names", () => {
  assertEquals(
    ["libx264", "h264_v4l2m2m", "h264_nvenc", "libvpx", "vp8_vaapi"]
      .map(codecOfEncoder),
    ["h264", "h264", "h264", "vp8", "vp8"],
  );
  for (const name of ["libx265", "libvpx-vp9", "h264_x -f null /tmp/a", ""]) {
    assertEquals(codecOfEncoder(name), undefined);
  }
});

Deno.test("encoderArguments() hands pictures to a device, scaled before", () => {
  const format = { width: 1280, height: 720, frameRate: 30 };
  const rendition = {
    ...{ width: 640, height: 360, bitrate: 500_000, keyframeInterval: 90 },
  };
  const plan = { codec: "h264", encoder: "h264_vaapi" } as const;
  const args = encoderArguments(plan, format, rendition);
  assert(args.indexOf("-vaapi_device") < args.indexOf("-i"), args.join(" "));
  assertEquals(
    args[args.indexOf("-vf") + 1],
    "scale=640:360:flags=bilinear,format=nv12,hwupload",
  );
});

testWith(["ffmpeg"], "an encoder that is named encodes", async () => {
  const { log } = logOf();
  for (
    const [videoCodec, videoEncoder] of [
      ["h264", "libx264"],
      ["vp8", "libvpx"],
    ] as const
  ) {
    const plan = { codec: videoCodec, encoder: videoEncoder };
    await checkEncoder(plan);
    await using media = await openMedia("test", {
      ...{ log, videoCodec, videoEncoder },
      size: { width: 320, height: 180 },
    });
    const taker = new Taker(media);
    const [first] = await taker.more(5);
    assertEquals([first.codec.toLowerCase(), first.width], [videoCodec, 320]);
  }
});

/** libx264, by another name and with a picture held back, as of a device. */
const SLOW = `#!/bin/sh
for arg do
  shift
  case "$arg" in
    h264_slow) set -- "$@" libx264 -threads 2 -rc-lookahead 0 ;;
    *) set -- "$@" "$arg" ;;
  esac
done
exec ffmpeg "$@"
`;

testWith(["ffmpeg"], "an encoder may hold a picture back", async () => {
  await using folder = await temporaryFolder();
  const ffmpeg = `${folder.path}/ffmpeg`;
  await Deno.writeTextFile(ffmpeg, SLOW, { mode: 0o755 });
  const size = { width: 320, height: 180 };
  const plan = {
    ...{ codec: "h264", encoder: "h264_slow", ffmpeg } as const,
    format: { ...size, frameRate: 30 },
    bitrates: { least: 100_000, most: 500_000 },
  };
  await checkEncoder(plan, { ffmpeg });
  const failed = Promise.withResolvers<never>();
  const frames: TimedFrame[] = [];
  const encoder = new FollowingEncoder({
    ...plan,
    onFrame: (frame) => void frames.push(frame),
    onFailed: failed.reject,
  });
  let seconds = 0;
  const picture = new Uint8Array(size.width * size.height * 3 / 2);
  const feed = () => encoder.encode({ seconds: seconds++, parts: [picture] });
  const timer = setInterval(feed, 33);
  try {
    const came = until(() => frames.length >= 20, {
      what: "pictures",
      within: 30_000,
    });
    await Promise.race([came, failed.promise]);
    assert(describeH264(joined(frames[0].parts)).keyframe);
    const steps = frames.slice(1).map((f, i) => f.seconds - frames[i].seconds);
    assert(steps.every((step) => step > 0), steps.join());
  } finally {
    clearInterval(timer);
    await encoder.close();
  }
});

for (
  const [encoder, why] of [
    ["h264_vaapi", /VA display|Unknown encoder/],
    ["h264_v4l2m2m", /find a valid device|Unknown encoder/],
    ["h264_absent", /Unknown encoder 'h264_absent'/],
  ] as const
) {
  testWith(
    ["ffmpeg"],
    `${encoder} without its device is an error, in ffmpeg's words`,
    async () => {
      const error = await assertRejects(
        () => checkEncoder({ codec: "h264", encoder }),
        FfmpegError,
        `The video encoder ${encoder} can't be used: `,
      );
      assert(why.test(error.message), error.message);
      assert(error.message.includes("libx264"), error.message);
      assert(!/libx265|vp9/.test(error.message), error.message);
    },
  );
}

Deno.test("--video-encoder chooses the codec, and goes with no copying", () => {
  const read = (...args: string[]) =>
    readMedia(["--media", "test", ...args], CLIENT_OPTIONS)[0].options;
  assertEquals(read("--video-encoder", "h264_vaapi").videoCodec, "h264");
  assertEquals(read("--video-encoder", "h264_vaapi").copying, undefined);
  assertEquals(read().copying, "fitting");
  assertEquals(read("--video-size", "640x360").copying, undefined);
  assertEquals(read("--video-codec", "copy").copying, "all");
  for (
    const [args, why] of [
      ["--video-encoder libx265", 'not "libx265"'],
      ["--video-codec vp8 --video-encoder libx264", "none of --video-codec"],
      ["--video-codec copy --video-fps 10", "--video-fps would change it"],
    ]
  ) {
    assertThrows(() => read(...args.split(" ")), UsageError, why);
  }
});
