/** A camera's picture, with keyframes of 100 packets and more, on one machine. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  cameraClip,
  type CameraName,
  CAMERAS,
} from "../../tools/camera_clip.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { temporaryFolder, testWith } from "../support.ts";
import { decode } from "./video.ts";

/** Long enough for keyframes besides the first. */
const SECONDS = 4;

/** The tracks' own files are looked at. */
const RAW = ["--record-media", "raw"];

for (const camera of ["720p30", "1080p30"] as const) {
  for (const codec of ["vp8", "h264"] as const) {
    testWith(
      ["ffmpeg"],
      `Every frame of a camera arrives whole: ${camera}, ${codec}`,
      () => sendCamera(camera, codec),
    );
  }
}

async function sendCamera(
  camera: CameraName,
  codec: "vp8" | "h264",
): Promise<void> {
  const clip = await cameraClip(camera, { seconds: 10 });
  await using folder = await temporaryFolder();
  await using server = await startServer(
    ["--host", "127.0.0.1", "--record", folder.path, ...RAW],
    [`--allow-read=${folder.path},lib`, `--allow-write=${folder.path}`],
  );
  await using client = startClient(server, [
    ...["--points", "1000", "--duration", `${SECONDS}`],
    ...["--media", clip, "--video-codec", codec],
  ]);
  const { success } = await client.finished();
  assert(success, client.stderr.join("\n"));
  const { video, audio } = await server.waitForLog(
    "the end of the session",
    (line) => line.message === "session closed",
  ) as unknown as SessionSnapshot;

  const { width, height } = CAMERAS[camera];
  assertEquals([video.width, video.height], [width, height]);
  assertEquals([video.packetsLost, audio.packetsLost], [0, 0]);
  // A busy machine encodes few of the pictures of some cameras.
  assertGreaterOrEqual(video.keyframes, 1);

  const file = await recordedPicture(folder.path, server);
  const picture = await decode(file);
  assertEquals(picture.errors, "");
  assertEquals(picture.frames, video.frames);
}

/** Waits until both tracks are written; gives the path of the picture. */
async function recordedPicture(
  folder: string,
  server: Awaited<ReturnType<typeof startServer>>,
): Promise<string> {
  let finished = 0;
  await server.waitForLog(
    "the recorded files",
    (line) => line.message === "track recorded" && ++finished === 2,
  );
  const files = await Array.fromAsync(Deno.readDir(folder));
  const [{ name }] = files.filter(({ name }) => /\.(ivf|h264)$/.test(name));
  return `${folder}/${name}`;
}
