/** What a server records, played again, and what is left when it is killed. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { Process, startClient, startServer } from "../../tools/processes.ts";
import {
  onlyFile,
  readCutRecording,
  type ReadMessage,
  readRecording,
} from "../recording/read_recording.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { decode } from "./video.ts";

/** Publishes to a server that records it; gives the recording. */
async function recordSession(folder: string, args: string[]) {
  await using server = await startServer(
    ["--record", folder],
    [`--allow-write=${folder}`],
  );
  // A machine that is busy may drop some: what comes is recorded.
  await using client = startClient(server, ["--no-adaptive", ...args]);
  await client.finished();
  await server.waitForLog(
    "the end of the recording",
    ({ message }) => message === "recorded",
  );
  const session = await server.waitForLog(
    "the end of the session",
    ({ message }) => message === "session closed",
  ) as unknown as SessionSnapshot;
  const path = onlyFile(folder, ".mcap");
  const recording = await readRecording(path);
  for (const { name, frames } of session.streams) {
    assertEquals(of(recording.messages, `/${name}`).length, frames, name);
  }
  return { session, path, ...recording };
}

function of(messages: readonly ReadMessage[], topic: string): ReadMessage[] {
  return messages.filter((message) => message.topic === topic);
}

/**
 * How much later messages were captured than those that they are copies of,
 * byte for byte and in their order, milliseconds.
 */
function medianDelay(
  originals: readonly ReadMessage[],
  copies: readonly ReadMessage[],
): number {
  const sums = originals.map(({ sha256 }) => sha256);
  let at = -1;
  const delays = copies.map(({ topic, sha256, stamp = 0 }, i) => {
    at = sums.indexOf(sha256, at + 1);
    assert(at >= 0, `${topic}: message ${i} is none of the first`);
    return stamp - originals[at].stamp!;
  });
  return delays.toSorted((a, b) => a - b)[delays.length >> 1];
}

const STREAMS = [
  ...["--source", "front=lidar", "--points", "2000", "--rate", "10"],
  ...["--frame-id", "front_lidar", "--pose", "1,0,0.5"],
  ...["--source", "rear=rgbd", "--points", "2000", "--rate", "5"],
];

testWith(
  ["bag writers", "ffmpeg"],
  "A recording has all that came, and played again it is the same",
  async () => {
    await using folder = await temporaryFolder();
    const first = await recordSession(folder.path, [
      ...STREAMS,
      ...["--duration", "4", "--name", "robot-7/a"],
    ]);
    const { session, messages } = first;
    const [{ transforms = [] }] = of(messages, "/tf_static");
    assertEquals(transforms[0].parent, "base_link");
    assertEquals(transforms[0].child, "front_lidar");
    assertEquals(transforms[0].translation, [1, 0, 0.5]);
    const audio = of(messages, "/audio");
    assertEquals(audio.length, session.audio.frames);
    assertEquals(audio[0].format, "opus");
    const video = of(messages, "/video");
    if (session.video.packetsLost === 0) {
      assertEquals(video.length, session.video.frames);
    }
    // One clock for all: what was captured together has one time.
    for (const { logTime, stamp = 0 } of messages.filter((m) => m.stamp)) {
      // A machine that is busy compares clocks less well.
      assert(stamp <= logTime + 1_000 && stamp > logTime - 10_000);
    }

    await using again = await temporaryFolder();
    const second = await recordSession(again.path, [
      ...["--source", first.path, "--video-codec", "copy"],
    ]);
    const later = new Map<string, number>();
    for (const topic of ["/front", "/rear", "/video", "/audio"]) {
      const [before, after] = [messages, second.messages].map((all) =>
        of(all, topic)
      );
      // A machine that is busy may drop some.
      assertGreater(after.length, before.length / 2, topic);
      later.set(topic, medianDelay(before, after));
    }
    // Sound and pictures are in step with the clouds, as they were.
    for (const topic of ["/video", "/audio"]) {
      const apart = later.get(topic)! - later.get("/front")!;
      assertLess(Math.abs(apart), 40, `${topic}: ${apart} ms`);
    }
    const [{ transforms: replayed = [] }] = of(second.messages, "/tf_static");
    assertEquals(
      replayed.map(({ stamp: _, ...rest }) => rest),
      transforms.map(({ stamp: _, ...rest }) => rest),
    );
  },
);

testWith(
  ["bag writers", "ffmpeg"],
  "A killed server leaves what came until a second before",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(
      ["--record", folder.path],
      [`--allow-write=${folder.path}`],
    );
    await using _client = startClient(server, [...STREAMS, "--duration", "0"]);
    const path = await until(
      () => {
        const names = [...Deno.readDirSync(folder.path)];
        return names.find(({ name }) => name.endsWith(".mcap"))?.name;
      },
      { what: "a recording" },
    );
    const read = () => readCutRecording(`${folder.path}/${path}`);
    await until(
      async () => of(await read(), "/front").length >= 20,
      { what: "two seconds of it" },
    );
    const before = Date.now();
    await server.stop("SIGKILL");
    const newest = (await read()).map(({ logTime }) => logTime);
    // A machine that is busy may be late, by how much nobody knows.
    assertGreater(Math.max(...newest), before - 5_000);
  },
);

testWith(
  [],
  "A session is recorded when it is asked for, and no longer",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(
      ["--record", folder.path, "--record-match", "other-*"],
      [`--allow-write=${folder.path}`],
    );
    await using _client = startClient(server, [
      ...["--points", "1000", "--media", "none", "--duration", "0"],
      ...["--name", "robot-7/a"],
    ]);
    await server.waitForLog(
      "the connection",
      ({ message }) => message === "session connected",
    );
    const url = `${server.url}/sessions/robot-7/a/recording`;
    const ask = async (method: string) => {
      const response = await fetch(url, { method });
      const text = await response.text();
      return [response.status, text === "" ? "" : JSON.parse(text).detail];
    };
    const metric = async (name: string) => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const line = new RegExp(`^pointwire_${name} (.*)$`, "m").exec(text);
      return Number(line?.[1]);
    };
    const [status, detail] = await ask("DELETE");
    assertEquals(status, 404);
    assertMatch(detail, /^The session .* is not recorded$/);
    assertEquals([...Deno.readDirSync(folder.path)], []);

    assertEquals(await ask("POST"), [204, ""]);
    assertEquals(await ask("POST"), [204, ""]);
    assertEquals(await metric("recordings"), 1);
    await until(async () => await metric("recording_bytes_total") > 100_000, {
      what: "some of the points",
    });
    assertEquals(await metric("recording_files"), 1);
    assertEquals(await ask("DELETE"), [204, ""]);
    // It is whole by then.
    const { name } = [...Deno.readDirSync(folder.path)][0];
    assertMatch(name, /^robot-7_a-\d{8}T\d{6}Z\.mcap$/);
    const tail = (await Deno.readFile(`${folder.path}/${name}`)).slice(-8);
    assertEquals(tail.toHex(), "894d434150300d0a");
    assertEquals(await metric("recording_files"), 0);
    assertEquals(await metric("recording_errors_total"), 0);
  },
);

testWith(
  [],
  "A server that records nothing says what it takes",
  async () => {
    await using server = await startServer();
    const url = `${server.url}/sessions/robot/recording`;
    const response = await fetch(url, { method: "POST" });
    assertEquals(response.status, 404);
    assertMatch((await response.json()).detail, /start it with --record/);
  },
);

testWith(
  ["bag writers", "ffmpeg"],
  "A client records what it captures, whatever becomes of the server",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer();
    await using client = new Process(Deno.execPath(), [
      ...["run", "-P=client", `--allow-write=${folder.path}`, "client.ts"],
      ...["--signaling", server.url, "--record", folder.path],
      ...[...STREAMS, "--name", "robot-7", "--duration", "0"],
    ]);
    const find = () =>
      [...Deno.readDirSync(folder.path)]
        .find(({ name }) => name.endsWith(".mcap"))?.name;
    const name = await until(find, { what: "a recording" });
    const path = `${folder.path}/${name}`;
    const clouds = async () => of(await readCutRecording(path), "/front");
    await until(async () => (await clouds()).length > 10, {
      what: "a second of it",
    });
    await server.stop("SIGKILL");
    const before = (await clouds()).length;
    await until(async () => (await clouds()).length > before + 20, {
      what: "two seconds without the server",
    });
    await client.stop("SIGINT");
    const { file, messages } = await readRecording(path);
    assertEquals(file.metadata[0].session, "robot-7");
    assertGreater(of(messages, "/rear").length, 5);
    assertGreater(of(messages, "/audio").length, 50);
    assertEquals(of(messages, "/tf_static").length, 1);
    const webm = onlyFile(folder.path, ".webm");
    assertEquals((await decode(webm)).errors, "");
  },
);
