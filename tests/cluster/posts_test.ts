/** Clouds of one publisher that a balancer brings to one node after another. */
import { assertEquals, assertMatch } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  FRAMES_MEDIA_TYPE,
  FramesWriter,
} from "../../lib/wire/framed_messages.ts";
import { getJson, type ServerProcess } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";
import { Nats } from "./nats.ts";
import { publishAt, startNode, whenListed, whenMet } from "./nodes.ts";

const LEAKY = { sanitizeOps: false, sanitizeResources: false };

const cloudOf = (value: number, points = 100) =>
  encodeFile("a.npy", pointCloud(new Float32Array(3 * points).fill(value)));

async function postAt(
  { url }: ServerProcess,
  path: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/sessions/${path}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...headers },
    body: new Uint8Array(body),
  });
  return { status: response.status, ...await response.json() };
}

testWith(["nats-server"], "Clouds are posted to any node", async (t) => {
  const args = ["--max-frame-points", "400000"];
  await using nats = await Nats.start(freePort());
  await using a = await startNode(nats, "a", args);
  await using b = await startNode(nats, "b", args);
  await using c = await startNode(nats, "c", args);
  await whenMet([a, b, c]);
  const nodes = [a, b, c];
  const sessionsOf = async (name: string) => {
    const all = await getJson<SessionSnapshot[]>(`${b.url}/sessions`);
    return all.filter((session) => session.name === name);
  };

  await t.step("the first makes the session, others come to it", async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 9; i++) {
      const node = nodes[i % 3];
      const answer = await postAt(node, "lidar/points", cloudOf(i));
      assertEquals([answer.status, answer.name, answer.clouds], [
        ...[i === 0 ? 201 : 200, "lidar", 1],
      ]);
      ids.add(answer.session);
    }
    assertEquals(ids.size, 1);
    const newest = `${c.url}/sessions/lidar/points.npy`;
    const bytes = await (await fetch(newest)).bytes();
    const { data } = await decodeFile("a.npy", bytes);
    const [x] = new Float32Array(data.slice().buffer);
    assertEquals(x, 8);
    const [{ points }] = await sessionsOf("lidar");
    assertEquals([points.frames, points.invalid], [9, 0]);
  });
  await t.step("so do those that come to several at once", async () => {
    const asked = [...nodes, ...nodes].map((node) =>
      postAt(node, "twin/points", cloudOf(1))
    );
    const answers = await Promise.all(asked);
    const ids = new Set(answers.map(({ session }) => session));
    const why = JSON.stringify(answers);
    assertEquals(answers.every(({ status }) => status < 300), true, why);
    assertEquals([ids.size, (await sessionsOf("twin")).length], [1, 1]);
  });
  await t.step("one may be larger than a message of NATS", async () => {
    const answer = await postAt(c, "lidar/points", cloudOf(7, 300_000));
    assertEquals(answer.status, 200);
    const [{ points }] = await sessionsOf("lidar");
    assertEquals([points.points, points.invalid], [900 + 300_000, 0]);
  });
  await t.step("frames as on the wire may be, too", async () => {
    const writer = new FramesWriter();
    const frame = encodedFrame(pointCloud(new Float32Array(30)), "raw");
    const answer = await postAt(b, "lidar/framed", writer.write(frame), {
      "content-type": FRAMES_MEDIA_TYPE,
    });
    assertEquals([answer.status, answer.clouds], [200, 1], answer.detail);
  });
  await t.step("what can't be read is told as at its own node", async () => {
    const broken = cloudOf(1).subarray(0, 700);
    const answers = await Promise.all(
      nodes.map((node) => postAt(node, "lidar/points", broken)),
    );
    const [own] = answers;
    assertEquals(own.status, 400);
    for (const answer of answers) assertEquals(answer, own);
  });
  await t.step("a session by WebRTC is not posted to", async () => {
    await using _client = publishAt(a, "robot", ["--media", "none"]);
    await Promise.all(nodes.map((node) => whenListed(node, "robot")));
    for (const node of nodes) {
      const answer = await postAt(node, "robot/points", cloudOf(1));
      assertEquals(answer.status, 409);
      assertMatch(answer.detail, /is in use/);
    }
  });
  await t.step("one that was deleted isn't made again anywhere", async () => {
    const url = `${c.url}/sessions/lidar`;
    const response = await fetch(url, { method: "DELETE" });
    assertEquals(response.status, 204);
    for (const node of nodes) {
      const answer = await until(async () => {
        const answer = await postAt(node, "lidar/points", cloudOf(1));
        return answer.status === 200 ? undefined : answer;
      }, { what: "the end of the session" });
      assertEquals(answer.status, 410, answer.detail);
    }
  });
  await t.step("a limit ends it with its own code", async () => {
    const name = "greedy/points";
    assertEquals((await postAt(a, name, cloudOf(1))).status, 201);
    const answer = await postAt(b, name, cloudOf(1, 400_001));
    assertEquals(answer.status, 429);
    assertMatch(answer.detail, /400001 points/);
  });
}, LEAKY);

testWith(
  ["nats-server"],
  "Nobody posts to another's session at another node",
  async () => {
    const tokens = ["owner", "other", "judge"].map((name) => ({
      ...{ name, token: name.repeat(5) },
      rights: [name === "judge" ? "operate" : "publish"],
    }));
    await using folder = await temporaryFolder();
    const path = `${folder.path}/tokens.json`;
    await Deno.writeTextFile(path, JSON.stringify({ tokens }));
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", ["--token-file", path]);
    await using b = await startNode(nats, "b", ["--token-file", path]);
    await until(async () => {
      const headers = { authorization: `Bearer ${"judge".repeat(5)}` };
      const asked = [a, b].map(({ url }) =>
        fetch(`${url}/metrics`, { headers })
      );
      const texts = (await Promise.all(asked)).map((answer) => answer.text());
      return (await Promise.all(texts)).every((text) =>
        text.includes("\npointwire_cluster_nodes 1\n")
      );
    }, { what: "that both have met" });
    const post = async (node: ServerProcess, name: string) => {
      const headers = { authorization: `Bearer ${name.repeat(5)}` };
      const answer = await postAt(node, "lidar/points", cloudOf(1), headers);
      return answer.status;
    };
    assertEquals(await post(a, "owner"), 201);
    assertEquals([await post(b, "owner"), await post(b, "other")], [200, 403]);
  },
  LEAKY,
);
