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
import { PYTHON } from "./peers/python.ts";
import { temporaryFolder, testWith } from "./support.ts";

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
): Promise<{ session: string; lines: string[] }> {
  await using client = startClient(server, [
    ...["--source", "lidar", "--points", `${POINTS}`, "--codec", "f32"],
    ...["--media", "none", "--rate", "10", "--duration", "0"],
  ]);
  const { session } = await server.waitForLog(
    "the connection",
    (line) => line.message === "session connected",
  );
  await using example = start();
  // A line a second: from the second on it has been watched for one.
  let seconds = -1;
  await server.waitForLog("a second of watching", ({ message }) => {
    if (message === "watcher connected") seconds = 0;
    return message === "receiving" && seconds >= 0 && ++seconds === 2;
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

testWith(["aiortc"], "python/receive.py gets NumPy arrays", async () => {
  await using server = await startServer();
  const { lines } = await watchWith(
    server,
    () => new Process(PYTHON, [`${FOLDER}/python/receive.py`, server.url]),
  );
  assertEquals(lines.pop(), "ended: the peer closed the connection");
  assertGreater(lines.length, 1);
  for (const line of lines) {
    assertMatch(
      line,
      /^frame \d+: \(2000,\) of \('x', 'y', 'z', 'intensity'\), around \[/,
    );
  }
});
