/** The recordings of a server by HTTP: real files, a real socket. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import type { Recorder } from "../../lib/recording/recorder.ts";
import type { Authorize, Right, Scope } from "../../lib/serving/access.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import { startServer } from "../playing/scene.ts";
import { frameOf, openRecorder, record } from "../recording/fed_recorder.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { assertProblem, exchange } from "./support.ts";

const FRONT = "robot-7_front-20261130T010203Z.mcap";
const REAR = "robot-7_rear-20261130T010203Z.mcap";

interface Shelf extends AsyncDisposable {
  server: PointServer;
  path: string;
  recorder: Recorder;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

function randomCloud() {
  return pointCloud(new Float32Array(3_000).map(() => Math.random()));
}

/** A server whose folder has two recordings, of which one goes on. */
async function startShelf(
  options: { authorize?: Authorize } = {},
): Promise<Shelf & { end(): Promise<void> }> {
  await using life = new AsyncDisposableStack();
  const folder = life.use(await temporaryFolder());
  const { path } = folder;
  const { recorder, lines } = openRecorder({ folder: path });
  life.defer(() => recorder.close());
  const front = record(recorder, "robot-7/front");
  const rear = record(recorder, "robot-7/rear");
  for (const { feed } of [front, rear]) {
    feed.frame(frameOf(randomCloud(), {}, "cloudini"));
    feed.frame(frameOf(randomCloud(), { stream: "depth" }));
  }
  const closed = (count: number) =>
    until(
      () =>
        lines.filter(({ message }) => message === "recorded").length === count,
      { what: "the end of a recording" },
    );
  front.end();
  await closed(1);
  const server = life.use(
    await startServer({
      ...options,
      recordings: {
        folder: path,
        has: (id) => id === "id-robot-7/rear",
        start: () => Promise.resolve(),
        stop: () => Promise.resolve(false),
        counters: () => Promise.resolve({ ...recorder.counters, deaths: 0 }),
      },
    }),
  );
  await until(async () => (await Deno.stat(`${path}/${REAR}`)).size > 1_000, {
    what: "a chunk of the other",
  });
  const rest = life.move();
  return {
    ...{ server, path, recorder },
    get: (path, headers) => fetch(server.url + path, { headers }),
    async end() {
      rear.end();
      await closed(2);
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

testWith([], "recordings are listed, also while they are written", async () => {
  await using shelf = await startShelf();
  await Deno.writeFile(`${shelf.path}/${FRONT.replace("mcap", "webm")}`, BYTES);
  await Deno.writeTextFile(`${shelf.path}/notes.txt`, "not listed");
  await Deno.writeTextFile(`${shelf.path}/none.mcap`, "not listed");
  const listed = await (await shelf.get("/recordings")).json();
  assertEquals(
    listed.map(({ name }: { name: string }) => name).sort(),
    [FRONT, REAR],
  );
  const of = (name: string) =>
    listed.find((one: { name: string }) => one.name === name);
  const { start, seconds, bytes, ...front } = of(FRONT);
  assertEquals(front, {
    name: FRONT,
    session: "robot-7/front",
    id: "id-robot-7/front",
    streams: ["points", "depth"],
    tracks: [],
    files: [{ name: FRONT.replace("mcap", "webm"), bytes: BYTES.length }],
    isComplete: true,
    isWriting: false,
  });
  assertGreater(Date.parse(start), Date.parse("2026-11-30T01:02:03Z"));
  assert(seconds >= 0 && seconds < 60);
  assertEquals(bytes, (await Deno.stat(`${shelf.path}/${FRONT}`)).size);
  const { isComplete, isWriting, seconds: known } = of(REAR);
  assertEquals([isComplete, isWriting, known], [false, true, null]);
  await shelf.end();
  const later = await (await shelf.get("/recordings?session=robot-7/rear"))
    .json();
  assertEquals(later.length, 1);
  assertEquals([later[0].isComplete, later[0].isWriting], [true, false]);
});

testWith([], "a killed recording is listed as far as it tells", async () => {
  await using shelf = await startShelf();
  const killed = "robot-7_front-20261130T000000Z.mcap";
  const whole = await Deno.readFile(`${shelf.path}/${FRONT}`);
  await Deno.writeFile(`${shelf.path}/${killed}`, whole.subarray(0, 2_000));
  const listed = await (await shelf.get("/recordings")).json();
  assertEquals(listed.at(-1), {
    name: killed,
    session: "robot-7/front",
    id: "id-robot-7/front",
    start: "2026-11-30T00:00:00.000Z",
    seconds: null,
    bytes: 2_000,
    streams: [],
    tracks: [],
    files: [],
    isComplete: false,
    isWriting: false,
  });
});

testWith([], "a list is read page by page, newest first", async () => {
  await using shelf = await startShelf();
  const whole = await Deno.readFile(`${shelf.path}/${FRONT}`);
  const names = Array.from(
    { length: 5 },
    (_, i) => `robot-7_front-2026113${0}T02000${i}Z.mcap`,
  );
  for (const name of names) {
    await Deno.writeFile(`${shelf.path}/${name}`, whole);
  }
  const read: string[] = [];
  let path: string | undefined = "/recordings?limit=2&session=robot-7/front";
  while (path !== undefined) {
    const response: Response = await shelf.get(path);
    const page: { name: string }[] = await response.json();
    assert(page.length <= 2);
    read.push(...page.map(({ name }) => name));
    // What a page ended with may be gone when the next one is asked for.
    await Deno.remove(`${shelf.path}/${page.at(-1)!.name}`);
    path = /<(.*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  }
  assertEquals(read, [...names.toReversed(), FRONT]);
  await assertProblem(
    await shelf.get("/recordings?limit=0"),
    400,
    'limit is "0", not a number from 1 to 500',
  );
});

const BYTES = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * i >> 3);
const FILM = "film-20261130T010203Z.webm";

testWith([], "a file is read by ranges (RFC 9110 section 14)", async () => {
  await using shelf = await startShelf();
  await Deno.writeFile(`${shelf.path}/${FILM}`, BYTES);
  const url = `/recordings/${FILM}`;
  const all = await shelf.get(url);
  assertEquals(all.status, 200);
  assertEquals(all.headers.get("content-type"), "video/webm");
  assertEquals(all.headers.get("accept-ranges"), "bytes");
  assertEquals(all.headers.get("content-length"), `${BYTES.length}`);
  assertEquals(await all.bytes(), BYTES);
  const tag = all.headers.get("etag")!;
  for (
    const [range, start, end] of [
      ["bytes=0-0", 0, 1],
      ["bytes=300000-899999", 300_000, 900_000],
      ["bytes=999990-", 999_990, 1_000_000],
      ["bytes=-10", 999_990, 1_000_000],
      ["bytes=999990-2000000", 999_990, 1_000_000],
      ["bytes=-2000000", 0, 1_000_000],
    ] as const
  ) {
    const part = await shelf.get(url, { range, "if-range": tag });
    assertEquals(part.status, 206, range);
    assertEquals(
      part.headers.get("content-range"),
      `bytes ${start}-${end - 1}/1000000`,
    );
    assertEquals(await part.bytes(), BYTES.subarray(start, end));
  }
  const whole: Record<string, string>[] = [
    { range: "bytes=0-1", "if-range": '"another"' },
    { range: "bytes=0-1", "if-range": "Mon, 30 Nov 2026 01:02:03 GMT" },
    { range: "bytes=0-1,5-6" },
    { range: "bytes=5-4" },
    { range: "lines=0-1" },
  ];
  for (const headers of whole) {
    const answer = await shelf.get(url, headers);
    assertEquals(answer.status, 200, JSON.stringify(headers));
    assertEquals((await answer.bytes()).length, BYTES.length);
  }
  for (const range of ["bytes=1000000-", "bytes=-0"]) {
    const none = await shelf.get(url, { range });
    assertEquals(none.headers.get("content-range"), "bytes */1000000");
    await assertProblem(none, 416, "The file has 1000000 bytes");
  }
  const same = await shelf.get(url, { "if-none-match": tag });
  assertEquals([same.status, await same.text()], [304, ""]);
  const head = await fetch(shelf.server.url + url, { method: "HEAD" });
  assertEquals(head.status, 200);
  assertEquals(head.headers.get("content-length"), `${BYTES.length}`);
  await Deno.writeFile(`${shelf.path}/${FILM}`, BYTES.subarray(1));
  const changed = await shelf.get(url, { range: "bytes=0-1", "if-range": tag });
  assertEquals(changed.status, 200);
  await changed.body?.cancel();
});

testWith([], "nothing but recordings is read", async () => {
  await using shelf = await startShelf();
  await using elsewhere = await temporaryFolder();
  const secret = `${elsewhere.path}/secret.mcap`;
  await Deno.writeTextFile(secret, "secret");
  await Deno.writeTextFile(`${shelf.path}/notes.txt`, "secret");
  await Deno.writeTextFile(`${shelf.path}/.hidden.mcap`, "secret");
  await Deno.symlink(secret, `${shelf.path}/link.mcap`);
  await Deno.symlink(elsewhere.path, `${shelf.path}/folder`);
  await Deno.mkdir(`${shelf.path}/inner.mcap`);
  const names = [
    ...["notes.txt", ".hidden.mcap", "link.mcap", "inner.mcap", "none.mcap"],
    ...["folder%2Fsecret.mcap", "..%2Fsecret.mcap", "%00.mcap", ".mcap"],
    ...["..%5Csecret.mcap", "constructor", "%E0%A4.mcap"],
  ];
  for (const name of names) {
    const response = await shelf.get(`/recordings/${name}`);
    assertEquals(response.status, 404, name);
    assertEquals(/secret"|secret$/.test(await response.text()), false);
  }
  const { port } = shelf.server;
  for (const path of [`/recordings/../${secret}`, `/recordings//${secret}`]) {
    const answer = await exchange(
      port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        "Connection: close\r\n\r\n",
    );
    assert(answer.startsWith("HTTP/1.1 404"), path);
  }
  const listed = await (await shelf.get("/recordings")).json();
  assertEquals(listed.length, 2);
});

testWith(
  [],
  "a right to some sessions is one to their recordings",
  async () => {
    const may = (scope: Scope | undefined): Authorize => (_, right: Right) => ({
      rights: { [right]: scope },
    });
    const sees = new Set(["robot-7/f*"]);
    await using shelf = await startShelf({ authorize: may(sees) });
    const film = FRONT.replace("mcap", "webm");
    await Deno.writeFile(`${shelf.path}/${film}`, BYTES);
    await Deno.writeFile(`${shelf.path}/id-robot-7_front-0.ivf`, BYTES);
    await Deno.writeFile(`${shelf.path}/${FILM}`, BYTES);
    const listed = await (await shelf.get("/recordings")).json();
    assertEquals(listed.map(({ name }: { name: string }) => name), [FRONT]);
    for (const [name, status] of [[FRONT, 200], [film, 200]] as const) {
      const response = await shelf.get(`/recordings/${name}`);
      assertEquals(response.status, status, name);
      await response.body?.cancel();
    }
    for (const name of [REAR, FILM, "none-20261130T010203Z.mcap"]) {
      await assertProblem(
        await shelf.get(`/recordings/${name}`),
        403,
        `The token gives no right to watch ${name}`,
      );
    }
  },
);

testWith([], "a server without a folder says so", async () => {
  await using server = await startServer();
  for (const path of ["/recordings", `/recordings/${FRONT}`]) {
    await assertProblem(
      await fetch(server.url + path),
      404,
      "This server has no folder for recordings: start it with --record FOLDER",
    );
  }
});
