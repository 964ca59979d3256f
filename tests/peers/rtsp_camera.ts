/** The RTSP camera of `rtsp_camera.py`, as a process. */

/** A camera that runs until it is disposed of: it is killed, as by its plug. */
export interface Camera extends AsyncDisposable {
  port: number;
  url: string;
}

/**
 * Starts it on a port, or on any.
 *
 * @param size pixels of its picture.
 */
export async function startCamera(
  port = 0,
  size: [width: number, height: number] = [640, 360],
): Promise<Camera> {
  const child = new Deno.Command("/usr/bin/python3", {
    args: ["tests/peers/rtsp_camera.py", ...[port, ...size].map(String)],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const bound = Number(new TextDecoder().decode(value));
  return {
    port: bound,
    url: `rtsp://127.0.0.1:${bound}/camera`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
