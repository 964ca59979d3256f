/** WHIP and WHEP, spoken by aiortc and Python's own HTTP client. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
} from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  getJson,
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { DEBIAN, eventOf, NEWEST } from "./python.ts";

/** What aiortc_whip.py prints at its end. */
interface Report {
  /** Status of the DELETE. */
  deleted: number;
  seconds: number;
}

interface WatchReport extends Report {
  /** Decoded frames by kind. */
  frames: { audio: number; video: number };
  /** Number and points of each whole frame. */
  points: [frame: number, points: number][];
  texts: { type: string }[];
  /** Width and height of the first picture, pixels. */
  size: [number, number];
}

/** Starts a program on aiortc that publishes or watches. */
function startPython(
  python: string,
  role: "publish" | "watch",
  url: string,
): Process {
  return new Process(python, ["tests/peers/aiortc_whip.py", role, url]);
}

/** Ends it, and gives what it has to report. */
async function reportOf<T extends Report>(process: Process): Promise<T> {
  const { code } = await process.stop();
  assertEquals(code, 0, process.stderr.join("\n"));
  return JSON.parse(await process.stdout);
}

/** Watches a session until there is a picture and a number of points frames. */
async function watch(
  python: string,
  url: string,
  frames: number,
): Promise<Process> {
  const process = startPython(python, "watch", url);
  let count = 0;
  await process.waitFor("a picture", eventOf("picture"));
  if (frames === 0) return process;
  await process.waitFor(
    `${frames} frames of points`,
    (line) => eventOf("frame")(line) && ++count === frames ? true : undefined,
  );
  return process;
}

/** The one session of a server, once it has connected. */
async function connectedSession(server: ServerProcess): Promise<string> {
  const { session } = await server.waitForLog(
    "the connection",
    (line) => line.message === "session connected",
  );
  return session!;
}

for (const { name, need, python } of [DEBIAN, NEWEST]) {
  for (const codec of ["VP8", "H264"]) {
    testWith(
      [need, "ffmpeg"],
      `${name} watches our client over WHEP: points, ${codec} and Opus`,
      async () => {
        await using server = await startServer();
        await using client = startClient(server, [
          ...["--points", "5000", "--duration", "0", "--json"],
          "--no-adaptive",
          ...["--video-codec", codec.toLowerCase()],
        ]);
        const session = await connectedSession(server);
        // Two of them, and one that comes late.
        const url = `${server.url}/whep/${session}`;
        await using first = await watch(python, url, 4);
        await using late = await watch(python, url, 4);
        const during = await getJson<SessionSnapshot>(
          `${server.url}/sessions/${session}`,
        );
        assertEquals(during.watchers, 2);
        for (const process of [first, late]) {
          const report = await reportOf<WatchReport>(process);
          assertEquals(report.deleted, 200);
          assertEquals(report.size, [320, 240]);
          assertGreater(report.frames.audio, 10);
          assertGreater(report.frames.video, 2);
          assertEquals(report.texts[0].type, "hello");
          const [[begin]] = report.points;
          const due = report.points.map((_, i) => [begin + i, 5000]);
          assertEquals(report.points, due, "every frame once, in order");
        }
        const after = await getJson<SessionSnapshot>(
          `${server.url}/sessions/${session}`,
        );
        assertEquals([after.watchers, after.state], [0, "connected"]);
        await client.stop("SIGINT");
        const { framesDropped } = JSON.parse(await client.stdout);
        assertEquals(framesDropped, 0);
      },
    );
  }

  testWith(
    [need],
    `${name} publishes over WHIP, and another watches it over WHEP`,
    async () => {
      await using server = await startServer();
      await using publisher = startPython(
        python,
        "publish",
        `${server.url}/whip`,
      );
      const session = await connectedSession(server);
      await using watcher = await watch(
        python,
        `${server.url}/whep/${session}`,
        0,
      );
      // Sound goes on while the picture comes.
      const { frames } = await reportOf<WatchReport>(watcher);
      assertGreaterOrEqual(frames.video, 1);
      const { video, audio } = await getJson<SessionSnapshot>(
        `${server.url}/sessions/${session}`,
      );
      assertEquals([video.codec, audio.codec], ["VP8", "opus"]);
      assertEquals([video.width, video.height], [320, 240]);
      assert(video.frames > 0 && audio.frames > 0);

      const { deleted } = await reportOf(publisher);
      assertEquals(deleted, 200);
      const closed = await server.waitForLog(
        "the end of the session",
        (line) => line.message === "session closed",
      );
      assertEquals(closed.reason, "the publisher hung up");
    },
  );
}
