import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { usageOf } from "../../tools/proc.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { smallDisk, testSideBySide, testWith, until } from "../support.ts";
import { decode } from "./video.ts";

testWith(
  ["ffmpeg", "small disk"],
  "a stream goes on when the disk is full that it is recorded on",
  async () => {
    // About a second of video.
    await using disk = await smallDisk(200);
    await using server = await startServer(
      ["--record", disk.path, "--record-media", "raw", "--workers", "0"],
      [`--allow-write=${disk.path}`],
    );
    const clientArgs = ["--points", "500", "--rate", "10", "--json"];
    await using client = startClient(server, [
      ...clientArgs,
      ...["--duration", "0"],
    ]);
    const line = await server.waitForLog(
      "word of the full disk",
      ({ message }) => message === "track not recorded whole",
    );
    assertMatch(
      String(line.error),
      /^Can't record .*: no space left on device/,
    );
    const { files } = await usageOf(server.child.pid);
    const counts = async () => {
      const [{ points, video }] = await getJson<SessionSnapshot[]>(
        `${server.url}/sessions`,
      );
      return [points.frames, video.frames];
    };
    const before = await counts();
    await until(
      async () => (await counts()).every((count, i) => count > before[i] + 10),
      { what: "more points and pictures", within: 30_000 },
    );
    const { code } = await client.stop("SIGINT");
    assertEquals(code, 0, client.stderr.join("\n"));
    const report: PublishReport = JSON.parse(await client.stdout);
    assertGreater(report.framesSent, 10);
    assertEquals(report.framesDropped, 0);
    assertEquals(report.outages, []);
    await server.waitForLog(
      "the end of the session",
      ({ message }) => message === "session closed",
    );
    await until(async () => (await usageOf(server.child.pid)).files < files, {
      what: "the end of the session's sockets",
    });
    const told = server.logs
      .filter(({ message }) => message === "track not recorded whole")
      .map(({ file }) => file);
    assertEquals(told.length, new Set(told).size, "once for each track");
    const kept = [...Deno.readDirSync(disk.path)].map(({ name }) => name)
      .filter((name) => !name.endsWith(".mcap"));
    assert(kept.length > 0);
    for (const name of kept) {
      const { errors } = await decode(`${disk.path}/${name}`);
      assertEquals(errors, "", name);
    }
  },
);

const MEDIA_FILES: Record<string, () => Promise<void>> = {};
for (const [codec, end] of [["vp8", "webm"], ["h264", "mp4"]]) {
  MEDIA_FILES[end] = async () => {
    await using disk = await smallDisk(100);
    await using server = await startServer(
      ["--record", disk.path, "--workers", "0"],
      [`--allow-write=${disk.path}`],
    );
    await using client = startClient(server, [
      ...["--points", "10", "--rate", "2", "--duration", "0", "--json"],
      ...["--video-codec", codec],
    ]);
    const { error, file } = await server.waitForLog(
      "word of the full disk",
      ({ message, file }) =>
        message === "recording not whole" && String(file).endsWith(end),
    );
    assertMatch(String(error), /no space left on device/);
    const pictures = async () => {
      const [{ video }] = await getJson<SessionSnapshot[]>(
        `${server.url}/sessions`,
      );
      return video.frames;
    };
    const before = await pictures();
    await until(async () => await pictures() > before + 10, {
      what: "more pictures",
    });
    assertEquals((await client.stop("SIGINT")).code, 0);
    const { frames } = await decode(String(file));
    assertGreater(frames, 0, `${file}`);
  };
}

testSideBySide(
  ["ffmpeg", "small disk"],
  "a file of sound and pictures plays up to where its disk was full",
  MEDIA_FILES,
);
