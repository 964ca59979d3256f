/** The RTSP camera of `rtsp_camera.py`, as a process. */

/** A camera that runs until it is disposed of: it is killed, as by its plug. */
export interface Camera extends AsyncDisposable {
  port: number;
  url: string;
  /** Takes its pictures in I420, where it draws none. */
  pictures?: WritableStream<Uint8Array>;
}

/** What is asked of a camera. */
export interface CameraOptions {
  /** @default {any that is free} */
  port?: number;
  /** Pixels of its picture. @default {[640, 360]} */
  size?: readonly [width: number, height: number];
  /** Whether its pictures are given to it, 30 a second. @default {false} */
  isFed?: boolean;
}

/** Starts a camera. */
export async function startCamera(
  { port = 0, size = [640, 360], isFed = false }: CameraOptions = {},
): Promise<Camera> {
  const args = [port, ...size, ...isFed ? [30, 2000, "stdin"] : []];
  const child = new Deno.Command("/usr/bin/python3", {
    args: ["tests/peers/rtsp_camera.py", ...args.map(String)],
    stdin: isFed ? "piped" : "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const bound = Number(new TextDecoder().decode(value));
  return {
    port: bound,
    url: `rtsp://127.0.0.1:${bound}/camera`,
    pictures: isFed ? child.stdin : undefined,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
