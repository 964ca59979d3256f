import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { usageOf } from "../../tools/proc.ts";
import { getJson, startClient, startServer } from "../../tools/processes.ts";
import { smallDisk, testWith, until } from "../support.ts";
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
