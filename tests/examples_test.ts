/**
 * Each program of docs/examples/, as a reader runs it. The page among them is
 * tested in browser/embed_test.ts.
 */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import {
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../tools/processes.ts";
import { namesOf } from "../lib/points/cloud.ts";
import { decodeFile } from "../lib/points/formats.ts";
import { NEWEST, PYTHON } from "./peers/python.ts";
import { ROOT, temporaryFolder, testWith, until } from "./support.ts";

const FOLDER = "docs/examples";
const POINTS = 2_000;

/** Starts an example on Deno. */
function startExample(name: string, ...args: string[]): Process {
  return new Process(Deno.execPath(), [
    ...["run", "-A", `${FOLDER}/${name}`, ...args],
  ]);
}

/** Waits for the end of an example, and gives what it printed. */
async function linesOf(example: Process): Promise<string[]> {
  const { success } = await example.finished();
  assertEquals(success, true, example.stderr.join("\n"));
  return (await example.stdout).trimEnd().split("\n");
}

/**
 * Has an example watch a scan that a client publishes, which ends when the
 * example has got some of it.
 *
 * @returns the session's id, and what the example printed.
 */
async function watchWith(
  server: ServerProcess,
  start: () => Process,
  codec = "f32",
): Promise<{ session: string; lines: string[] }> {
  await using client = startClient(server, [
    ...["--source", "lidar", "--points", `${POINTS}`, "--codec", codec],
    ...["--media", "none", "--rate", "10", "--duration", "0"],
  ]);
  const { session } = await server.waitForLog(
    "the connection",
    (line) => line.message === "session connected",
  );
  const url = `${server.url}/sessions/${session}`;
  const snapshot = async () => await (await fetch(url)).json();
  // One that asks what is live wants a session that has points.
  await until(async () => (await snapshot()).streams.length > 0, {
    what: "the stream",
  });
  await using example = start();
  await until(async () => (await snapshot()).forwarded.framesSent >= 10, {
    what: "ten clouds",
  });
  await client.stop("SIGINT");
  return { session: session!, lines: await linesOf(example) };
}

testWith([], "receive.ts prints each cloud", async () => {
  await using receiver = startExample("receive.ts", "0");
  const url = await receiver.waitFor(
    "its address",
    (line) => /url="?(http[^"\s]+)/.exec(line)?.[1],
  );
  await using client = startClient({ url }, [
    ...["--source", "lidar", "--points", `${POINTS}`, "--media", "none"],
    ...["--duration", "1"],
  ]);
  assertEquals((await client.finished()).success, true);
  await receiver.stop();
  const lines = (await receiver.stdout).trimEnd().split("\n");
  assertEquals(lines.length, 4);
  for (const [number, line] of lines.entries()) {
    assertMatch(
      line,
      new RegExp(
        `^frame ${number}: ${POINTS} points of x y z intensity, ` +
          `the farthest at [1-9]\\d*\\.\\d m, \\d+ ms old$`,
      ),
    );
  }
});

testWith([], "publish.ts publishes a wave that arrives", async () => {
  await using server = await startServer(["--log-level", "debug"]);
  await using publisher = startExample("publish.ts", server.url, "2");
  await publisher.finished();
  // A busy machine drops some, which a live stream is to do.
  const [, acked, sent] = /^(\d+) of (\d+) frames arrived$/m
    .exec(await publisher.stdout) ?? [];
  assertEquals(acked, sent, publisher.stderr.join("\n"));
  const frames = server.logs.filter(({ message }) =>
    message === "points frame"
  );
  assertGreater(frames.length, 2);
  assertEquals(frames.length, Number(acked));
  for (const { points } of frames) {
    // And sends less of the others.
    assert(0 < Number(points) && Number(points) <= 10_000, `${points} points`);
  }
});

testWith([], "watch.ts prints clouds, and why the session ended", async () => {
  await using server = await startServer();
  await using nobody = startExample("watch.ts", server.url);
  assertEquals((await nobody.finished()).code, 1);
  assertEquals(await nobody.stdout, `No session is live on ${server.url}/\n`);

  const { session, lines } = await watchWith(
    server,
    () => startExample("watch.ts", server.url),
  );
  assertEquals(lines.shift(), `watching ${session}`);
  assertEquals(lines.pop(), "ended (ended): the peer closed the connection");
  assertGreater(lines.length, 1);
  for (const line of lines) {
    assertMatch(line, /^frame \d+: 2000 points, the first( -?\d\S*){4}$/);
  }
});

testWith([], "convert.ts keeps what is near, in another format", async () => {
  await using folder = await temporaryFolder();
  const output = `${folder.path}/near.pcd`;
  const input = `${folder.path}/five.f32`;
  const values = Float32Array.of(0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 5);
  await Deno.writeFile(input, new Uint8Array(values.buffer));
  await using converter = startExample("convert.ts", input, output, "3");
  const [line] = await linesOf(converter);
  assertEquals(
    line,
    `3 of 5 points with x (float32), y (float32), z (float32) in ${output}`,
  );
  await using back = startExample("convert.ts", output, `${folder.path}/a.f32`);
  await linesOf(back);
  const bytes = await Deno.readFile(`${folder.path}/a.f32`);
  assertEquals(new Float32Array(bytes.buffer), values.subarray(0, 9));
});

for (const codec of ["raw", "npy"]) {
  testWith(["aiortc"], `python/receive_webrtc.py gets ${codec}`, async () => {
    await testReceiving("receive_webrtc.py", { python: PYTHON, codec });
  });
}

testWith(
  ["newest aiortc"],
  "python/receive_webrtc.py gets Cloudini",
  async () => {
    const { python } = NEWEST;
    await testReceiving("receive_webrtc.py", { python, codec: "cloudini" });
  },
);

testWith(
  ["aiortc"],
  "python/receive.py gets NumPy arrays by HTTP",
  async () => {
    await testReceiving("receive.py", { python: PYTHON, codec: "cloudini" });
  },
);

testWith(
  ["aiortc", "ffmpeg"],
  "python/session.py gets clouds, pictures and sound",
  async () => {
    await using server = await startServer();
    await using client = startClient(server, [
      ...["--name", "robot-7", "--points", "1000", "--rate", "10"],
      ...["--media", "test", "--video-size", "320x240", "--duration", "0"],
    ]);
    await server.waitForLog(
      "the connection",
      (line) => line.message === "session connected",
    );
    const url = `${server.url}/sessions/robot-7`;
    const script = `${FOLDER}/python/session.py`;
    const look = async () => {
      const response = await fetch(url);
      const snapshot = await response.json();
      return response.ok ? snapshot : undefined;
    };
    // The log may know of it before HTTP does, and points may come first.
    await until(async () => (await look())?.video.keyframes > 0, {
      what: "a picture",
    });
    await using example = new Process(PYTHON, [script, url]);
    const { video, audio } = await until(
      async () => (await look())?.watchers === 1 ? look() : undefined,
      { what: "the example" },
    );
    await until(async () => {
      const now = await look();
      return now.forwarded.framesSent >= 10 &&
        now.video.frames > video.frames + 10 &&
        now.audio.frames > audio.frames + 10;
    }, { what: "ten of each" });
    await client.stop("SIGINT");
    const lines = await linesOf(example);
    assertMatch(lines.pop()!, /^ended: /);
    for (const name of ["cloud points", "video VP8", "audio opus"]) {
      const own = lines.filter((line) => line.startsWith(`${name}: `));
      assertGreater(own.length, 1, name);
      const times = own.map((line) => Number(/ of (\d+\.\d)$/.exec(line)![1]));
      assertEquals(times, times.toSorted((a, b) => a - b), name);
    }
  },
);

testWith(
  ["aiortc"],
  "python/publish.py publishes arrays of NumPy",
  async () => {
    await using server = await startServer();
    const publish = () =>
      new Process(PYTHON, [`${FOLDER}/python/publish.py`, server.url, "1"]);
    await using publisher = publish();
    const { session } = await server.waitForLog(
      "the session",
      (line) => line.message === "session connected",
    );
    // The log may know of it before HTTP does.
    const bytes = await until(async () => {
      const response = await fetch(`${server.url}/sessions/wave/points.npy`);
      const body = await response.bytes();
      return response.ok ? body : undefined;
    }, { what: "a cloud" });
    const cloud = await decodeFile("wave.npy", bytes);
    assertEquals(namesOf(cloud.fields), ["x", "y", "z", "intensity"]);
    assertEquals(cloud.points, 10_000);
    assertEquals(await linesOf(publisher), ["10 clouds arrived"]);
    const { points } = await (await fetch(`${server.url}/sessions/${session}`))
      .json();
    assertEquals([points.frames, points.invalid], [10, 0]);
  },
);

testWith(
  ["newest aiortc", "shared data"],
  "python/cloudini.py decodes as the reference does",
  async (t) => {
    const data = `${ROOT}../shared/data`;
    for (const folder of ["cloudini", "cloudini-typed"]) {
      for (const { name } of Deno.readDirSync(`${data}/${folder}`)) {
        const decoded = name.replace(/\.decoded\.\w+$/, ".cloudini");
        if (decoded === name || name.includes("_v4_")) continue;
        await t.step(decoded, async () => {
          const script = "import sys; sys.path.insert(0, sys.argv[1]); " +
            "import cloudini; data = open(sys.argv[2], 'rb').read(); " +
            "sys.stdout.buffer.write(cloudini.decode(data).tobytes())";
          const { stdout, stderr } = await new Deno.Command(NEWEST.python, {
            args: [
              ...["-c", script, `${FOLDER}/python`],
              `${data}/${folder}/${decoded}`,
            ],
          }).output();
          const reference = await Deno.readFile(`${data}/${folder}/${name}`);
          assertEquals(new TextDecoder().decode(stderr), "");
          assertEquals(stdout.length, reference.length);
          const differing = stdout.findIndex((byte, i) =>
            byte !== reference[i]
          );
          assertEquals(differing, -1, "the first byte that differs");
        });
      }
    }
  },
);

/** Has a program of Python watch, and looks at what it prints. */
async function testReceiving(
  name: string,
  { python, codec }: { python: string; codec: string },
): Promise<void> {
  await using server = await startServer();
  const { lines } = await watchWith(
    server,
    () => new Process(python, [`${FOLDER}/python/${name}`, server.url]),
    codec,
  );
  assertMatch(lines.pop()!, /^ended/);
  assertGreater(lines.length, 1);
  for (const line of lines) {
    assertMatch(
      line,
      /^(frame|cloud) \d+: \([1-9]\d*,\) of \('x', 'y', 'z', 'intensity'\), around \[/,
    );
  }
}
