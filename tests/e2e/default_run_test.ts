import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";
import { arrived } from "./arrived.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { averagePsnr, decode } from "./video.ts";

/** The tracks' own files are looked at. */
const RAW = ["--record-media", "raw"];

type ClosedSession = SessionSnapshot & { session: string };

testWith(
  ["ffmpeg"],
  "the default run: every point, picture and sound arrives",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(
      ["--record", folder.path, ...RAW, "--log-level", "debug"],
      [`--allow-read=${folder.path},lib`, `--allow-write=${folder.path}`],
    );
    await using client = startClient(server, ["--json", "--verify"]);
    const connected = await server.waitForLog(
      "the connection",
      (line) => line.message === "session connected",
    );
    await server.waitForLog(
      "a frame of each kind",
      (line) => line.message === "points frame" && Number(line.frame) >= 8,
    );
    const during = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${connected.session}`,
    );
    const { success } = await client.finished();
    assert(success, client.stderr.join("\n"));
    const report: PublishReport = JSON.parse(await client.stdout);
    const closed = await server.waitForLog(
      "the end of the session",
      (line) => line.message === "session closed",
    ) as unknown as ClosedSession;

    assertEquals(during.state, "connected");
    assertGreaterOrEqual(during.points.frames, 9);
    assertGreater(during.video.frames, 0);
    assertGreater(during.audio.frames, 0);

    assertEquals(report.framesSent, 40);
    assertEquals(report.framesAcked, 40);
    assertEquals(report.framesDropped, 0);
    assertEquals(report.pointsPerFrame, 100_000);
    assertEquals(arrived(report.verified), [40, 0]);
    assertEquals(report.session, connected.session);
    // Random points compress to half of float32 at a millimetre.
    assertLess(report.bytesSent, 40 * 1_200_000 * 0.6);
    assert(report.latencyMs.p50! <= report.latencyMs.p95!);

    assertEquals(closed.points.frames, 40);
    assertEquals(closed.points.points, 4_000_000);
    assertEquals(closed.points.codec, "cloudini");
    assertEquals(closed.points.lastFrame, 39);
    assertEquals(closed.points.invalid, 0);

    // Ten seconds at 10 frames and 50 packets a second, less what was on its way
    // when the client hung up.
    const { video, audio } = closed;
    assertEquals(video.codec, "VP8");
    assertEquals([video.width, video.height], [320, 240]);
    assertGreaterOrEqual(video.frames, 95);
    // One at least every four seconds.
    assertGreaterOrEqual(video.keyframes, 3);
    assertEquals(video.packetsLost, 0);
    assertEquals(audio.codec, "opus");
    assertGreaterOrEqual(audio.frames, 475);
    assertEquals(audio.packetsLost, 0);
    const logged = server.logs.filter((line) => line.message === "media frame");
    assertEquals(logged.length, video.frames + audio.frames);

    const files = await recorded(folder.path, server, 2);
    const picture = await decode(files.find((file) => file.endsWith(".ivf"))!);
    assertEquals(picture.errors, "");
    assertEquals(picture.frames, video.frames);
    const sound = await decode(files.find((file) => file.endsWith(".ogg"))!);
    assertEquals(sound.errors, "");
    assertGreater(
      await averagePsnr(picture.file, `${ROOT}/tests/data/test.mp4`, 10),
      28,
    );
  },
);

testWith(["ffmpeg"], "H.264 video arrives and decodes", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(
    ["--record", folder.path, ...RAW],
    [`--allow-read=${folder.path},lib`, `--allow-write=${folder.path}`],
  );
  await using client = startClient(server, [
    ...["--json", "--points", "1000", "--duration", "4"],
    ...["--video-codec", "h264"],
  ]);
  const { success } = await client.finished();
  assert(success, client.stderr.join("\n"));
  const closed = await server.waitForLog(
    "the end of the session",
    (line) => line.message === "session closed",
  ) as unknown as ClosedSession;
  assertEquals(closed.video.codec, "H264");
  assertEquals([closed.video.width, closed.video.height], [320, 240]);
  assertGreaterOrEqual(closed.video.frames, 35);
  assertGreaterOrEqual(closed.video.keyframes, 1);

  const files = await recorded(folder.path, server, 2);
  const picture = await decode(files.find((file) => file.endsWith(".h264"))!);
  assertEquals(picture.errors, "");
  assertEquals(picture.frames, closed.video.frames);
  assertGreater(
    await averagePsnr(picture.file, `${ROOT}/tests/data/test.mp4`, 10),
    28,
  );
});

/** Waits until the server has finished `count` files, and gives their paths. */
async function recorded(
  folder: string,
  server: Awaited<ReturnType<typeof startServer>>,
  count: number,
): Promise<string[]> {
  let finished = 0;
  await server.waitForLog(
    "the recorded files",
    (line) => line.message === "track recorded" && ++finished === count,
  );
  const files = await Array.fromAsync(Deno.readDir(folder));
  return files.map(({ name }) => `${folder}/${name}`);
}
