/** What the pictures of a received VP8 video show, and of when they are. */
import type { MediaFrame } from "../../lib/media/frame.ts";
import type { SenderReport } from "../../lib/media/rtp_clock.ts";
import {
  ivfFrameHeader,
  ivfHeader,
  RTP_VIDEO_TIMEBASE,
} from "../../lib/recording/ivf.ts";

/** Seconds from 1900, which NTP counts from, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;

/** When a frame was captured, milliseconds since 1970, as reports tell. */
export function capturedAt(
  { timestamp }: MediaFrame,
  report: SenderReport,
): number {
  const seconds = Number(report.ntpTimestamp) / 2 ** 32 - NTP_EPOCH_S;
  return 1000 * seconds + ((timestamp - report.rtpTimestamp) | 0) / 90;
}

/** The grey of each frame, 0 to 255, of frames of one grey. */
export async function greysOf(received: readonly MediaFrame[]) {
  // More may come meanwhile.
  const frames = [...received];
  const [{ width = 0, height = 0 }] = frames;
  const parts = frames.flatMap(({ data }, i) => [
    ivfFrameHeader(data.length, i * 3000),
    data,
  ]);
  const header = ivfHeader({
    ...{ codec: "VP8", width, height },
    ...{ timebase: RTP_VIDEO_TIMEBASE, frames: frames.length },
  });
  const child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "ivf", "-i", "pipe:0", "-fps_mode"],
      ...["passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const [raw] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Blob([header, ...parts].map((part) => part.slice())).stream()
      .pipeTo(child.stdin),
  ]);
  await child.status;
  const pictureBytes = width * height * 3 / 2;
  return frames.map((_, i) => {
    const luma = raw.subarray(i * pictureBytes).subarray(0, width * height);
    const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
    return (mean - 16) * 255 / 219;
  });
}
