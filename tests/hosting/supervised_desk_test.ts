/** A recorder that dies, and the one that takes its place. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { carryByPort } from "../../lib/hosting/feed_carrier.ts";
import { FeedExport } from "../../lib/hosting/feed_link.ts";
import { HostError, noSession } from "../../lib/hosting/host_error.ts";
import { SupervisedDesk } from "../../lib/hosting/supervised_desk.ts";
import { WorkerRecordingDesk } from "../../lib/hosting/worker_recording_desk.ts";
import { createLogger } from "../../lib/log.ts";
import { RecordingError } from "../../lib/recording/errors.ts";
import { Feed } from "../../lib/session/feed.ts";
import { openBag } from "../../lib/sources/bags/open_bag.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { frameOf } from "../recording/fed_recorder.ts";
import { temporaryFolder, testWith, until } from "../support.ts";

const MORTAL = new URL("./mortal_recorder.ts", import.meta.url);
const BROKEN = new URL("./broken_worker.ts", import.meta.url);
const START = "2026-11-30T01:02:03.456Z";

function openDesk(folder: string, entry: URL) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  const desk = new SupervisedDesk({
    open: (onDeath) =>
      new WorkerRecordingDesk({
        settings: {
          log: { level: "error", format: "text" },
          options: { folder, media: "none" },
        },
        ...{ onDeath, entry, lookMs: 300 },
      }),
    log,
  });
  return { desk, lines };
}

/** A session whose feed has a cloud whenever somebody looks for more. */
function makeSession(id: string) {
  const feed = new Feed();
  const { promise: closed, resolve: end } = Promise.withResolvers<string>();
  let number = 0;
  return {
    session: { id, name: `robot-${id}`, start: START },
    openFeed: () => {
      const { port1, port2 } = new MessageChannel();
      const watched = { id, feed, closed, endCode: undefined };
      new FeedExport(watched, carryByPort(port1));
      return Promise.resolve(port2);
    },
    capture() {
      const cloud = typedCloud("x,y,z", [[number, 0, 0]]);
      feed.frame(frameOf(cloud, { number: number++ }));
    },
    end: () => end("it is over"),
  };
}

testWith(
  [],
  "A recorder that dies comes back, and its sessions go on in other files",
  async () => {
    await using folder = await temporaryFolder();
    const { desk, lines } = openDesk(folder.path, MORTAL);
    const [a, b] = [makeSession("a"), makeSession("b")];
    for (const { session, openFeed } of [a, b]) {
      await desk.start(session, openFeed);
    }
    const files = (name: string) =>
      [...Deno.readDirSync(folder.path)].map((file) => file.name)
        .filter((file) => file.startsWith(`robot-${name}`));
    const recorded = (
      what: string,
      isEnough: () => Promise<boolean> | boolean,
    ) =>
      until(async () => {
        a.capture();
        b.capture();
        return await isEnough();
      }, { what });
    let bytes = 0;
    await recorded("some bytes", async () => {
      bytes = (await desk.counters()).bytes;
      return bytes > 1_000;
    });
    await desk.stop("b");

    await assertRejects(
      () => desk.stop("deadly"),
      RecordingError,
      "The recorder has ended: it did not answer for 3 s",
    );
    await recorded("another file", () => files("a").length === 2);
    const counters = await desk.counters();
    assertEquals([counters.deaths, counters.recordings], [1, 1]);
    assertGreater(counters.bytes, bytes - 1);
    const died = lines.find(({ sessions }) => sessions === 1);
    assertEquals(
      died?.message,
      "the recorder died, and another takes its place",
    );
    // What isn't recorded any more doesn't begin again.
    assertEquals(files("b").length, 1);
    await desk.close();

    const log = createLogger({ level: "error" });
    for (const file of files("a")) {
      using bag = await openBag(`${folder.path}/${file}`, { log });
      const [count = 0] = (await bag.countMessages()).values();
      assertGreater(count, 0, file);
    }
    a.end();
    b.end();
  },
);

testWith(
  [],
  "A recorder that doesn't come up is tried again, later each time",
  async () => {
    await using folder = await temporaryFolder();
    const { desk, lines } = openDesk(folder.path, BROKEN);
    const { session, openFeed } = makeSession("a");
    // It will be recorded, if ever one comes up.
    await desk.start(session, openFeed);
    await until(() => lines.length >= 3, { what: "three tries" });
    for (const { why } of lines) {
      assert(String(why).includes("This machine lacks something"));
    }
    const waits = lines.map(({ waitMs }) => Number(waitMs));
    assertGreater(waits[2], waits[0]);
    const { deaths, recordings } = await desk.counters();
    assertEquals([deaths >= 3, recordings], [true, 0]);
    await desk.close();
  },
);

testWith([], "A session that is over isn't recorded", async () => {
  await using folder = await temporaryFolder();
  const { desk } = openDesk(folder.path, MORTAL);
  const { session } = makeSession("a");
  await assertRejects(
    () => desk.start(session, () => Promise.reject(noSession("a"))),
    HostError,
  );
  assertEquals((await desk.counters()).recordings, 0);
  await desk.close();
});
