/** A camera of RTSP, as GStreamer serves it, that is killed and comes back. */
import { assertEquals, assertGreater } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  getJson,
  type Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startCamera } from "./rtsp_camera.ts";

const PATIENCE_MS = 60_000;

/** The one session of a server. */
async function snapshotOf(server: ServerProcess): Promise<SessionSnapshot> {
  return (await getJson<SessionSnapshot[]>(`${server.url}/sessions`))[0];
}

/** Waits until so many frames more have come than there were. */
async function moreVideo(
  server: ServerProcess,
  count: number,
): Promise<SessionSnapshot> {
  const before = (await snapshotOf(server)).video.frames;
  let now = await snapshotOf(server);
  await until(async () => {
    now = await snapshotOf(server);
    return now.video.frames >= before + count;
  }, { what: `${count} more video frames`, within: PATIENCE_MS });
  return now;
}

testWith(
  ["ffmpeg", "rtsp server"],
  "an RTSP camera is shown, and again after it was killed; the points go on",
  async () => {
    await using server = await startServer();
    let camera = await startCamera();
    const { port } = camera;
    await using client: Process = startClient(server, [
      ...["--media", camera.url, "--json"],
      ...["--points", "2000", "--rate", "10", "--duration", "0"],
    ]);
    try {
      await server.waitForLog(
        "the session",
        ({ message }) => message === "receiving",
      );
      const { video, audio } = await moreVideo(server, 60);
      assertEquals([video.width, video.height], [640, 360]);
      // By itself it is copied, and not encoded to VP8.
      assertEquals(video.codec, "H264");
      assertGreater(audio.frames, 0);
      await camera[Symbol.asyncDispose]();
      const { frames } = (await snapshotOf(server)).points;
      await until(
        async () => (await snapshotOf(server)).points.frames > frames + 10,
        { what: "points without a camera", within: PATIENCE_MS },
      );
      await client.waitFor(
        "word of its end",
        (line) => line.includes("the media is gone") || undefined,
      );
      camera = await startCamera({ port });
      await moreVideo(server, 60);
      const { code } = await client.stop("SIGINT");
      assertEquals(code, 0);
    } finally {
      await camera[Symbol.asyncDispose]();
    }
  },
);
