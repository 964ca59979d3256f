/** Whose a session is, and who may watch it, as another node knows it. */
import { assertEquals, assertMatch } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { freePort } from "../free_port.ts";
import { JSON_BODY, temporaryFolder, testWith, until } from "../support.ts";
import { data, offer } from "../transport/sdp/offers.ts";
import { Nats } from "./nats.ts";
import { publishAt, startNode } from "./nodes.ts";

const TOKENS = [
  { name: "robot", token: "r".repeat(24), rights: ["publish"] },
  { name: "other", token: "o".repeat(24), rights: ["publish"] },
  {
    ...{ name: "screen", token: "s".repeat(24), rights: ["watch"] },
    sessions: ["robot-*"],
  },
  {
    ...{ name: "guest", token: "g".repeat(24), rights: ["watch"] },
    sessions: ["lobby"],
  },
];
const [ROBOT, OTHER, SCREEN, GUEST] = TOKENS.map(({ token }) => ({
  authorization: `Bearer ${token}`,
}));

testWith(
  ["nats-server"],
  "A session is its publisher's on every node, and shown to who may watch it",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/tokens.json`;
    await Deno.writeTextFile(path, JSON.stringify({ tokens: TOKENS }));
    await using nats = await Nats.start(freePort());
    await using a = await startNode(nats, "a", ["--token-file", path]);
    await using b = await startNode(nats, "b", ["--token-file", path]);
    await using _client = publishAt(a, "robot-7", [
      ...["--media", "none", "--token", TOKENS[0].token],
    ]);
    const seenBy = async (headers: Record<string, string>) => {
      const response = await fetch(`${b.url}/sessions`, { headers });
      return await response.json() as SessionSnapshot[];
    };
    const { id } = await until(async () => (await seenBy(SCREEN))[0], {
      what: "the session on the other node",
    });
    assertEquals(await seenBy(GUEST), []);
    const resume = async (headers: Record<string, string>) => {
      const response = await fetch(`${b.url}/offer`, {
        method: "POST",
        headers: { ...JSON_BODY, ...headers },
        body: JSON.stringify({
          ...{ sdp: offer([], [data({ mid: "0" })]), type: "offer" },
          ...{ resumes: id, name: "robot-7" },
        }),
      });
      return [response.status, await response.text()] as const;
    };
    const [refused, why] = await resume(OTHER);
    assertEquals(refused, 403);
    assertMatch(why, /was published by somebody else/);
    const [taken, answer] = await resume(ROBOT);
    assertEquals([taken, JSON.parse(answer).nodes], [200, [a.url]]);
  },
  { sanitizeOps: false, sanitizeResources: false },
);
