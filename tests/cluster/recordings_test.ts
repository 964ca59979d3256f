/** Recordings of all nodes, as each of them lists and hands them out. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import type { ServedRecording } from "../../lib/recording/listed_recording.ts";
import type { ServerProcess } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { frameOf, openRecorder, record } from "../recording/fed_recorder.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { Nats } from "./nats.ts";
import { startNode } from "./nodes.ts";

const LEAKY = { sanitizeOps: false, sanitizeResources: false };
const TOKENS = [
  { name: "all", token: "a".repeat(24), rights: ["watch"] },
  {
    ...{ name: "some", token: "s".repeat(24), rights: ["watch"] },
    sessions: ["left*"],
  },
];
const [ALL, SOME] = TOKENS.map(({ token }) => ({
  authorization: `Bearer ${token}`,
}));

/** Copies of one recording, by when they are said to begin. */
async function fillFolder(
  path: string,
  name: string,
  hours: number[],
): Promise<void> {
  const { recorder, lines } = openRecorder({ folder: path });
  const { feed, end } = record(recorder, name);
  // Longer than a piece that comes over NATS.
  const cloud = pointCloud(
    Float32Array.from({ length: 300_000 }, () => Math.random()),
  );
  feed.frame(frameOf(cloud));
  end();
  await until(() => lines.some(({ message }) => message === "recorded"), {
    what: "the recording",
  });
  await recorder.close();
  const [{ name: first }] = await Array.fromAsync(Deno.readDir(path));
  for (const hour of hours) {
    const copy = first.replace(/T\d\d/, `T${hour}`);
    if (copy !== first) {
      await Deno.copyFile(`${path}/${first}`, `${path}/${copy}`);
    }
  }
  await Deno.remove(`${path}/${first}`);
}

const nameOf = (session: string, hour: number) =>
  `${session}-20261130T${hour}0203Z.mcap`;

async function pageOf(
  url: string,
  headers: Record<string, string> = ALL,
): Promise<{ recordings: ServedRecording[]; next?: string }> {
  const response = await fetch(url, { headers });
  assertEquals(response.status, 200);
  const link = response.headers.get("link") ?? "";
  const next = /<(.*)>; rel="next"/.exec(link)?.[1];
  return { recordings: await response.json(), next };
}

async function namesAt({ url }: ServerProcess, headers = ALL) {
  const { recordings } = await pageOf(`${url}/recordings`, headers);
  return recordings.map(({ name }) => name);
}

testWith(["nats-server"], "Recordings are read at every node", async (t) => {
  await using left = await temporaryFolder();
  await using right = await temporaryFolder();
  await fillFolder(left.path, "left", [10, 12, 14, 16]);
  await fillFolder(right.path, "right", [11, 12, 13]);
  const tokens = `${left.path}/tokens.json`;
  await Deno.writeTextFile(tokens, JSON.stringify({ tokens: TOKENS }));
  const keep = (path: string) => [
    ...["--record", path, "--record-match", "none", "--token-file", tokens],
  ];
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a", keep(left.path));
  await using b = await startNode(nats, "b", keep(right.path));
  await using c = await startNode(nats, "c", ["--token-file", tokens]);
  await until(async () => {
    const counts = await Promise.all([a, b, c].map(async ({ url }) => {
      const listed = await fetch(`${url}/recordings`, { headers: ALL });
      const all = await listed.json();
      return listed.ok ? all.length : 0;
    }));
    return counts.every((count) => count === 7);
  }, { what: "the recordings of all nodes at each" });

  await t.step("all are listed, newest first, with their nodes", async () => {
    const { recordings } = await pageOf(`${c.url}/recordings`);
    assertEquals(recordings.map(({ name, node }) => [name, node]), [
      [nameOf("left", 16), "a"],
      [nameOf("left", 14), "a"],
      [nameOf("right", 13), "b"],
      [nameOf("right", 12), "b"],
      [nameOf("left", 12), "a"],
      [nameOf("right", 11), "b"],
      [nameOf("left", 10), "a"],
    ]);
  });
  await t.step("page by page, whichever node has the next one", async () => {
    const all = await namesAt(c);
    for (const limit of [1, 2, 3]) {
      const read: string[] = [];
      const nodes = [a, b, c];
      let next: string | undefined = `/recordings?limit=${limit}`;
      for (let i = 0; next !== undefined; i++) {
        const page = await pageOf(nodes[i % 3].url + next);
        assert(page.recordings.length <= limit);
        read.push(...page.recordings.map(({ name }) => name));
        next = page.next;
      }
      assertEquals(read, all);
    }
  });
  await t.step("a file is the same from every node", async () => {
    const name = nameOf("left", 14);
    const file = await Deno.readFile(`${left.path}/${name}`);
    assert(file.length > 1_000_000);
    const own = await fetch(`${a.url}/recordings/${name}`, { headers: ALL });
    await own.body?.cancel();
    const etag = own.headers.get("etag")!;
    const asked: [string, Record<string, string>][] = [
      ["GET", {}],
      ["HEAD", {}],
      ["GET", { range: "bytes=0-0" }],
      ["GET", { range: "bytes=200000-900000" }],
      ["GET", { range: "bytes=-5" }],
      ["GET", { range: `bytes=${file.length}-` }],
      ["GET", { range: "bytes=7-9", "if-range": etag }],
      ["GET", { range: "bytes=7-9", "if-range": '"other"' }],
      ["GET", { "if-none-match": etag }],
    ];
    for (const [method, fields] of asked) {
      const answers = await Promise.all([a, b, c].map(async ({ url }) => {
        const headers = { ...ALL, ...fields };
        const path = `${url}/recordings/${name}`;
        const response = await fetch(path, { method, headers });
        const shown = ["etag", "content-range", "content-length"];
        return {
          status: response.status,
          fields: shown.map((field) => response.headers.get(field)),
          bytes: await response.bytes(),
        };
      }));
      const what = JSON.stringify([method, fields]);
      for (const answer of answers) assertEquals(answer, answers[0], what);
    }
    const there = await fetch(`${c.url}/recordings/${name}`, { headers: ALL });
    assertEquals(await there.bytes(), file);
  });
  await t.step("no other file is read", async () => {
    const names = ["tokens.json", "none-20261130T010203Z.mcap", "..%2Fx.mcap"];
    for (const name of names) {
      const path = `${c.url}/recordings/${name}`;
      const response = await fetch(path, { headers: ALL });
      await response.body?.cancel();
      assertEquals(response.status, 404);
    }
  });
  await t.step("a right to some sessions is one to theirs", async () => {
    const names = await namesAt(c, SOME);
    assertEquals(names, [16, 14, 12, 10].map((hour) => nameOf("left", hour)));
    for (
      const [name, status] of [[names[0], 200], [nameOf("right", 11), 403]]
    ) {
      const path = `${c.url}/recordings/${name}`;
      const response = await fetch(path, { method: "HEAD", headers: SOME });
      assertEquals(response.status, status);
    }
  });
  await t.step("those of a node that is gone are not listed", async () => {
    await a.stop("SIGKILL");
    await until(async () => (await namesAt(c)).length === 3, {
      what: "the end of the node's recordings",
    });
    const path = `${c.url}/recordings/${nameOf("left", 14)}`;
    const response = await fetch(path, { headers: ALL });
    assertMatch((await response.json()).detail, /^There is no recording/);
  });
}, LEAKY);
