/** A program's own pictures, as a ROS topic or a bag has them. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import {
  type PushedFormat,
  PushedMedia,
  type PushedMediaOptions,
} from "../../lib/media/pushed_media.ts";
import { PushedClock } from "../../lib/media/pushed_clock.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import type { SenderReport } from "../../lib/media/rtp_clock.ts";
import { capturedAt, greysOf } from "../sources/captured_pictures.ts";
import { pause, testWith, until } from "../support.ts";

const leavingNothing = { sanitizeOps: true, sanitizeResources: true };

/** One encoded picture of a colour. */
async function picture(
  size: string,
  ...as: string[]
): Promise<Uint8Array> {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=10`],
      ...["-frames:v", "1", ...as, "pipe:1"],
    ],
  }).output();
  return stdout;
}

const JPEG = ["-c:v", "mjpeg", "-f", "image2pipe"];
const PNG = ["-c:v", "png", "-f", "image2pipe"];
const H264 = [
  ...["-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "baseline"],
  ...["-f", "h264"],
];

/** A media that was started, and what came of it. */
function taking(options: PushedMediaOptions) {
  const media = PushedMedia.open(options);
  const frames: MediaFrame[] = [];
  const reports: SenderReport[] = [];
  const video = new FrameAssembler({ codec: media.tracks[0].codec });
  media.start({
    onRtp: (_track, packet) => frames.push(...video.push(parseRtp(packet)!)),
    onSenderReport: (_track, report) => reports.push(report),
  });
  return { media, frames, reports };
}

const FORMATS: [PushedFormat, string[]][] = [
  ["jpeg", JPEG],
  ["png", PNG],
  ["h264", H264],
];

for (const [format, as] of FORMATS) {
  testWith(
    ["ffmpeg"],
    `pushed ${format} comes out with the times that it was captured at`,
    async () => {
      const bytes = await picture("320x240", ...as);
      const { media, frames, reports } = taking({});
      await using _media = media;
      // Of last year, as a bag's may be.
      const times: number[] = [];
      await until(async () => {
        const captureTime = 1_700_000_000_000 + 100.3 * times.length;
        times.push(captureTime);
        media.push({ format, bytes: bytes.slice(), captureTime });
        await pause(30);
        return frames.length >= 15;
      }, { what: "frames", within: 30_000 });
      assertEquals([frames[0].width, frames[0].height], [320, 240]);
      const [report] = reports;
      for (const frame of frames) {
        const captured = capturedAt(frame, report);
        const nearest = times.toSorted((a, b) =>
          Math.abs(a - captured) - Math.abs(b - captured)
        )[0];
        assertAlmostEquals(captured, nearest, 0.1);
      }
    },
    leavingNothing,
  );
}

/** Access units of H.264: each fifty are of a grey, the first a keyframe. */
async function greyVideo(pictures: number): Promise<Uint8Array[]> {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "lavfi", "-i", "color=size=64x48:rate=50"],
      ...["-vf", "geq=lum='16+floor(N/50)*40':cb=128:cr=128"],
      ...["-frames:v", `${pictures}`, "-c:v", "libx264", "-qp", "4"],
      ...["-profile:v", "baseline", "-x264-params", "aud=1:keyint=50"],
      ...["-f", "h264", "pipe:1"],
    ],
  }).output();
  // Each begins with an access unit delimiter.
  const isStart = (i: number) =>
    stdout[i] === 0 && stdout[i + 1] === 0 && stdout[i + 2] === 0 &&
    stdout[i + 3] === 1 && stdout[i + 4] === 9;
  const starts = [...stdout.keys()].filter(isStart);
  return starts.map((start, i) => stdout.slice(start, starts[i + 1]));
}

testWith(
  ["ffmpeg"],
  "pushed video that there is no time for goes on at a keyframe",
  async () => {
    const start = 1_700_000_000_000;
    const units = await greyVideo(230);
    const { media, frames, reports } = taking({});
    await using _media = media;
    const push = (n: number) =>
      media.push({
        ...{ format: "h264", bytes: units[n].slice() },
        captureTime: start + 20 * n,
      });
    const numberOf = (frame: MediaFrame) =>
      Math.round((capturedAt(frame, reports[0]) - start) / 20);
    // More than the decoder takes at once, while it starts.
    const most = 180;
    for (let n = 0; n < most; n++) push(n);
    let next = most;
    await until(async () => {
      if (next < units.length) push(next++);
      await pause(20);
      return frames.length > 0 && numberOf(frames.at(-1)!) >= 205;
    }, { what: "pictures behind the last keyframe" });
    const greys = await greysOf(frames);
    for (const [i, grey] of greys.entries()) {
      const number = numberOf(frames[i]);
      const due = Math.floor(number / 50) * 40 * 255 / 219;
      assertAlmostEquals(grey, due, 4, `picture ${number}`);
    }
  },
  leavingNothing,
);

testWith(
  ["ffmpeg"],
  "pushed pictures that are broken are passed over, whatever their format",
  async () => {
    const jpeg = await picture("320x240", ...JPEG);
    const png = await picture("192x108", ...PNG);
    const { media, frames } = taking({ videoCodec: "h264" });
    await using _media = media;
    const pushUntil = async (width: number, of: () => Uint8Array) => {
      const format = width === 320 ? "jpeg" : "png";
      await until(async () => {
        media.push({ format, bytes: of(), captureTime: Date.now() });
        await pause(50);
        return frames.at(-1)?.width === width;
      }, { what: `pictures ${width} wide`, within: 30_000 });
    };
    let count = 0;
    await pushUntil(
      320,
      () =>
        count++ % 3 === 0
          ? crypto.getRandomValues(new Uint8Array(500))
          : jpeg.slice(),
    );
    await pushUntil(192, () => png.slice());
  },
  leavingNothing,
);

testWith(["ffmpeg"], "pushed video may go on as it is", async () => {
  const bytes = await picture("320x240", ...H264);
  const { media, frames } = taking({ copied: "H264" });
  await using _media = media;
  assertEquals(media.videoBitrates, undefined);
  for (let i = 0; i < 3; i++) {
    const captureTime = 1_000 + 40 * i;
    media.push({ format: "h264", bytes: bytes.slice(), captureTime });
  }
  await until(() => frames.length >= 2, { what: "frames" });
  assertEquals([frames[0].width, frames[0].keyframe], [320, true]);
  assertEquals((frames[1].timestamp - frames[0].timestamp) | 0, 40 * 90);
}, leavingNothing);

Deno.test("PushedMedia takes no picture without bytes", () => {
  const media = PushedMedia.open();
  const bytes = new Uint8Array(0);
  assertThrows(
    () => media.push({ format: "jpeg", bytes, captureTime: 1 }),
    TypeError,
    "0 bytes",
  );
});

Deno.test("PushedClock goes on where a bag starts again", () => {
  const clock = new PushedClock();
  assertEquals(clock.timeOf(5_000), 0);
  assertEquals(clock.timeOf(5_100), 0.1);
  assertEquals(clock.timeOf(5_050), undefined);
  assertEquals(clock.timeOf(5_100), undefined);
  assertEquals(clock.timeOf(1_000), 0.14);
  assertAlmostEquals(clock.capturedAt(0.14), 1_000, 1e-6);
  assertAlmostEquals(clock.timeOf(900_000)!, 0.18, 1e-9);
  assertEquals(clock.timeOf(NaN), undefined);
});
