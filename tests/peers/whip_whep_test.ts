/** WHIP and WHEP, spoken by aiortc and Python's own HTTP client. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
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

/** Watches a session until there is so much of each kind, decoded or whole. */
async function watch(
  python: string,
  url: string,
  due: { points: number; video: number; audio: number },
): Promise<Process> {
  const process = startPython(python, "watch", url);
  await process.waitFor(
    `${due.video} pictures and ${due.audio} of sound`,
    (line) => {
      const decoded = eventOf("decoded")(line) as
        | WatchReport["frames"]
        | undefined;
      if (!decoded) return undefined;
      const { video, audio } = decoded;
      return video >= due.video && audio >= due.audio || undefined;
    },
  );
  if (due.points === 0) return process;
  let count = 0;
  await process.waitFor(
    `${due.points} frames of points`,
    (line) => eventOf("frame")(line) && ++count === due.points || undefined,
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
        const due = { points: 4, video: 3, audio: 10 };
        await using first = await watch(python, url, due);
        await using late = await watch(python, url, due);
        const during = await getJson<SessionSnapshot>(
          `${server.url}/sessions/${session}`,
        );
        assertEquals(during.watchers, 2);
        for (const process of [first, late]) {
          const report = await reportOf<WatchReport>(process);
          assertEquals(report.deleted, 200);
          assertEquals(report.size, [320, 240]);
          assertGreaterOrEqual(report.frames.audio, due.audio);
          assertGreaterOrEqual(report.frames.video, due.video);
          assertEquals(report.texts[0].type, "hello");
          const numbers = report.points.map(([number]) => number);
          const once = [...new Set(numbers)].toSorted((a, b) => a - b);
          assertEquals(numbers, once, "each frame once, in order");
          for (const [, points] of report.points) {
            assert(0 < points && points <= 5000, `${points} points`);
          }
        }
        const after = await getJson<SessionSnapshot>(
          `${server.url}/sessions/${session}`,
        );
        assertEquals([after.watchers, after.state], [0, "connected"]);
        await client.stop("SIGINT");
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
        { points: 0, video: 1, audio: 1 },
      );
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
