/** The rights of callers, with real sessions. */
import { assert, assertEquals } from "@std/assert";
import { TextLineStream } from "../../tools/text_lines.ts";
import type { Access, Authorize } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { JSON_BODY } from "../support.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { assertProblem, startHandler } from "./support.ts";

/** Callers by the names that they give themselves. */
const CALLERS: Record<string, Access["rights"]> = {
  robot: { publish: "all" },
  other: { publish: "all" },
  screen: { watch: "all" },
  boss: { operate: "all" },
};

/** `watch-ID` may watch that session. */
const authorize: Authorize = (request) => {
  const caller = request.headers.get("authorization") ?? "";
  if (caller.startsWith("watch-")) {
    return { caller, rights: { watch: new Set([caller.slice(6)]) } };
  }
  const rights = CALLERS[caller];
  if (rights === undefined) throw new HttpProblem(401, "Who are you?");
  return { caller, rights };
};

peerTest("a session can't be ended, resumed or seen by another", async () => {
  await using server = await startHandler({ authorize });
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const sdp = await offerOf(made.peer);
  const ask = (as: string, method: string, path: string, body?: string) =>
    server.request(method, path, {
      body,
      headers: { ...JSON_BODY, authorization: as },
    });
  const offer = async (as: string, resumes?: string) => {
    const body = JSON.stringify({ sdp, type: "offer", resumes });
    return await ask(as, "POST", "/offer", body);
  };
  const idOf = async (response: Response): Promise<string> => {
    assertEquals(response.status, 200);
    return (await response.json()).session;
  };
  const seenBy = async (as: string): Promise<string[]> => {
    const sessions = await (await ask(as, "GET", "/sessions")).json();
    return sessions.map(({ id }: { id: string }) => id);
  };
  const first = await idOf(await offer("robot"));
  const second = await idOf(await offer("other"));
  const theirs = `The session ${first} was published by somebody else`;

  await assertProblem(await offer("other", first), 403, theirs);
  const ended = await ask("other", "DELETE", `/whip/${first}`);
  await assertProblem(ended, 403, theirs);
  const again = await idOf(await offer("robot", first));

  assertEquals(await seenBy("screen"), [first, second, again]);
  assertEquals(await seenBy("boss"), [first, second, again]);
  assertEquals(await seenBy(`watch-${first}`), [first, again]);
  assertEquals(await seenBy(`watch-${second}`), [second]);
  const mine = await ask(`watch-${second}`, "GET", `/sessions/${second}`);
  assertEquals((await mine.json()).id, second);
  for (
    const [method, path] of [
      ["GET", `/sessions/${first}`],
      ["GET", "/sessions/nobody"],
      ["POST", `/whep/${first}`],
      ["DELETE", `/whep/${first}/x`],
    ]
  ) {
    const id = path.split("/")[2];
    await assertProblem(
      await ask(`watch-${second}`, method, path),
      403,
      `The token gives no right to watch session ${id}`,
    );
  }
  const byBoss = await ask("boss", "DELETE", `/whip/${second}`);
  assertEquals(byBoss.status, 403, "to operate is not to publish");
  await byBoss.body?.cancel();
  assertEquals((await ask("other", "DELETE", `/whip/${second}`)).status, 200);
  assertEquals((await ask("boss", "DELETE", `/sessions/${again}`)).status, 204);
  assertEquals((await ask("robot", "DELETE", `/whip/${first}`)).status, 200);
  assertEquals(await server.host.sessions(), []);
});

peerTest("/events tells of those sessions that may be watched", async () => {
  await using server = await startHandler({ authorize });
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const offer = await offerOf(made.peer);
  const publish = () => server.host.publish({ offer, remote: "127.0.0.1" });
  const [mine, theirs] = [(await publish()).id, (await publish()).id];
  const events = await server.request("GET", "/events", {
    headers: { authorization: `watch-${mine}` },
  });
  await server.host.endSession(theirs, "enough", "deleted");
  await server.host.endSession(mine, "enough", "deleted");
  const heard: string[] = [];
  for await (const line of events.body!.pipeThrough(new TextLineStream())) {
    heard.push(line);
    if (line.includes('"reason"')) server.stop();
  }
  assert(heard.some((line) => line.includes(mine)));
  assertEquals(heard.filter((line) => line.includes(theirs)), []);
});
