/** A camera that draws the time into its pictures, for whoever connects. */
import { killTool } from "../../../lib/media/ffmpeg_tool.ts";
import { drawTime, PICTURE } from "./time_code.ts";

/** Frames a second. */
export const FRAME_RATE = 30;

const { width, height } = PICTURE;
const HEADER = `YUV4MPEG2 W${width} H${height} F${FRAME_RATE}:1 Ip C420jpeg\n`;

/** How its pictures come. */
export type CameraKind = "raw" | "h264";

/** A camera's address, until it is disposed of. */
export interface Camera extends AsyncDisposable {
  url: string;
}

/** Starts a camera that sends pictures as they are, or in H.264. */
export function startCamera(kind: CameraKind): Camera {
  return kind === "raw" ? rawCamera() : codedCamera();
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

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Writes pictures at their pace, until the other side is gone. */
async function film(
  to: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const writer = to.getWriter();
  await writer.write(new TextEncoder().encode(HEADER));
  const mark = new TextEncoder().encode("FRAME\n");
  const began = performance.now();
  for (let number = 0; !signal.aborted; number++) {
    const due = began + 1000 * number / FRAME_RATE;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
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
