/** A bag's points and cameras, by one command line each. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { writeBagsWith } from "../sources/bags/write_bags.ts";
import { testWith } from "../support.ts";

/** Publishes to the end; says what was sent, and what came of it. */
async function publish(server: ServerProcess, args: string[]) {
  await using client = startClient(server, ["--json", ...args]);
  const { success } = await client.finished();
  assert(success, client.stderr.join("\n"));
  const session = await server.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  ) as unknown as SessionSnapshot;
  return { report: JSON.parse(await client.stdout) as PublishReport, session };
}

/** A machine that is busy drops some of them. */
function assertAllOffered(
  { framesSent, framesDropped, framesAcked }: PublishReport,
  clouds: number,
): void {
  assertEquals(framesSent + framesDropped, clouds);
  assertEquals(framesAcked, framesSent);
  assertGreaterOrEqual(framesSent, clouds / 2);
}

testWith(
  ["bag writers", "ffmpeg"],
  "A bag is published with its cameras, all of its points with them",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    for (const name of ["drive.mcap", "drive.bag"]) {
      const path = `${folder.path}/${name}`;
      await using server = await startServer();
      const { report, session } = await publish(server, [
        ...["--source", `${path}:/points`, "--speed", "1.5"],
        ...["--media", `front=${path}:/camera`],
        ...["--media", `rear=${path}:/video`],
      ]);
      assertAllOffered(report, 30);
      const videos = session.tracks.filter(({ kind }) => kind === "video");
      assertEquals(videos.map((track) => track.name), ["front", "rear"]);
      for (const { width, height, frames } of videos) {
        assertEquals([width, height], [160, 120]);
        // What stood before is among them; a slow machine leaves out some.
        assertGreaterOrEqual(frames, 10);
      }
    }
  },
);

testWith(
  ["bag writers", "ffmpeg"],
  "What is real brings its own pictures, or none",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    const path = `${folder.path}/drive.mcap`;
    for (
      const [topics, cameras] of [
        ["/points,/camera,/video", ["camera", "video"]],
        ["/points", []],
      ] satisfies [string, string[]][]
    ) {
      await using server = await startServer();
      const { report, session } = await publish(server, [
        ...["--source", `${path}:${topics}`],
      ]);
      assertAllOffered(report, 30);
      assertEquals(session.tracks.map(({ name }) => name), cameras);
      for (const { frames } of session.tracks) assertGreaterOrEqual(frames, 10);
    }
  },
);

testWith(
  ["bag writers", "ffmpeg"],
  "A camera of a bag goes beside other points, as its own options say",
  async () => {
    await using folder = await writeBagsWith("write_camera_bags.py");
    await using server = await startServer();
    const { report, session } = await publish(server, [
      ...["--source", "lidar", "--points", "1000", "--duration", "4"],
      ...["--media", `${folder.path}/drive.bag:/png`, "--start", "2", "--loop"],
    ]);
    assertEquals(report.failure, undefined);
    // From 2 s on it has ten pictures.
    assertGreaterOrEqual(session.video.frames, 12);
  },
);
