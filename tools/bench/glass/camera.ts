/** A camera that draws the time into its pictures, for whoever connects. */
import { startCamera as startRtspCamera } from "../../../tests/peers/rtsp_camera.ts";
import { killTool } from "../../../lib/media/ffmpeg_tool.ts";
import { drawTime, PICTURE } from "./time_code.ts";

/** Frames a second. */
export const FRAME_RATE = 30;

const { width, height } = PICTURE;
const HEADER = `YUV4MPEG2 W${width} H${height} F${FRAME_RATE}:1 Ip C420jpeg\n`;

/** How its pictures come: as they are, or in H.264 by MPEG-TS or RTSP. */
export type CameraKind = "raw" | "h264" | "rtsp";

/** A camera's address, until it is disposed of. */
export interface Camera extends AsyncDisposable {
  url: string;
}

/** Starts a camera; that of RTSP is GStreamer's. */
export async function startCamera(kind: CameraKind): Promise<Camera> {
  switch (kind) {
    case "raw":
      return rawCamera();
    case "h264":
      return codedCamera();
    case "rtsp":
      return await rtspCamera();
  }
}

/** Now, milliseconds since 1970, in parts of one. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

function rawCamera(): Camera {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const over = new AbortController();
  const serving = (async () => {
    for await (const connection of listener) {
      await film(connection.writable, over.signal).catch(() => {});
    }
  })();
  return {
    url: `tcp://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      over.abort();
      listener.close();
      await serving;
    },
  };
}

function codedCamera(): Camera {
  const port = freePort();
  const url = `http://127.0.0.1:${port}/live.ts`;
  const over = new AbortController();
  const filming = (async () => {
    while (!over.signal.aborted) {
      const encoder = new Deno.Command("ffmpeg", {
        args: [
          ...["-v", "error", "-fpsprobesize", "0", "-f", "yuv4mpegpipe"],
          ...["-i", "pipe:0", "-c:v", "libx264", "-preset", "ultrafast"],
          ...["-tune", "zerolatency", "-g", `${FRAME_RATE}`, "-b:v", "2M"],
          // As a camera has it: a packet of TS waits for nothing.
          ...["-muxdelay", "0", "-flush_packets", "1"],
          ...["-f", "mpegts", "-listen", "1", url],
        ],
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      const kill = () => killTool(encoder, "SIGKILL");
      over.signal.addEventListener("abort", kill);
      await film(encoder.stdin, over.signal).catch(() => {});
      await encoder.status;
      over.signal.removeEventListener("abort", kill);
    }
  })();
  return {
    url,
    async [Symbol.asyncDispose]() {
      over.abort();
      await filming;
    },
  };
}

async function rtspCamera(): Promise<Camera> {
  const size = [width, height] as const;
  const camera = await startRtspCamera({ size, isFed: true });
  const over = new AbortController();
  const filming = film(camera.pictures!, over.signal, false).catch(() => {});
  return {
    url: camera.url,
    async [Symbol.asyncDispose]() {
      over.abort();
      await camera[Symbol.asyncDispose]();
      await filming;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Writes pictures at their pace, until the other side is gone.
 *
 * @param hasHeaders whether they are YUV4MPEG2, or I420 without a word.
 */
async function film(
  to: WritableStream<Uint8Array>,
  signal: AbortSignal,
  hasHeaders = true,
): Promise<void> {
  const writer = to.getWriter();
  if (hasHeaders) await writer.write(new TextEncoder().encode(HEADER));
  const mark = new TextEncoder().encode(hasHeaders ? "FRAME\n" : "");
  const period = 1000 / FRAME_RATE;
  let due = performance.now();
  for (let number = 0; !signal.aborted; number++) {
    const now = performance.now();
    if (due > now) await new Promise((done) => setTimeout(done, due - now));
    // What nobody took for a while isn't made up for.
    due = Math.max(due, now - period) + period;
    const picture = new Uint8Array(mark.length + 1.5 * width * height);
    picture.set(mark);
    const luma = picture.subarray(mark.length, mark.length + width * height);
    picture.fill(128, mark.length + luma.length);
    drawScene(luma, number);
    // The last thing before it leaves.
    drawTime(luma, wallClock());
    await writer.write(picture);
  }
  await writer.close();
}

/** Something that moves, so that there is something to encode. */
function drawScene(luma: Uint8Array, number: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      luma[y * width + x] = (x + 2 * number ^ y + number) & 0xff;
    }
  }
}
