/** What sessions are called, with real ones. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Access, Authorize } from "../../lib/serving/access.ts";
import { JSON_BODY } from "../support.ts";
import { connectTo, makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { assertProblem, startHandler } from "./support.ts";

const SDP_BODY = { "content-type": "application/sdp" };

async function makeOffer() {
  const made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  return { ...made, sdp: await offerOf(made.peer) };
}

peerTest("a session is asked for by its name", async () => {
  await using made = await makeOffer();
  await using watching = await makeOffer();
  await using server = await startHandler();
  const { request } = server;
  const offer = (more: object) =>
    request("POST", "/offer", {
      headers: JSON_BODY,
      body: JSON.stringify({ sdp: made.sdp, type: "offer", ...more }),
    });
  const answer = await (await offer({ name: "robot-7/front" })).json();
  assertEquals(answer.name, "robot-7/front");
  const { session: id } = answer;
  await connectTo(made.peer, answer.sdp);

  await assertProblem(
    await offer({ name: "robot-7/front" }),
    409,
    "The name robot-7/front is in use: another session has it until it ends",
  );
  await assertProblem(
    await offer({ name: "robot 7" }),
    400,
    'The name "robot 7" can\'t be used: a name has letters, digits and _.- ' +
      "alone, with a letter, a digit or _ first, and / between the parts",
  );
  await assertProblem(
    await offer({ name: 7 }),
    400,
    "name is a number, not a session's name",
  );
  const other = await (await offer({ machine: "Jo's PC" })).json();
  assertEquals(other.name, "Jo-s-PC");
  const whip = await request("POST", "/whip/robot-8/rear", {
    headers: SDP_BODY,
    body: made.sdp,
  });
  await whip.body?.cancel();
  assertEquals(whip.status, 201);

  const listed = await (await request("GET", "/sessions")).json();
  assertEquals(
    listed.map(({ name }: { name: string }) => name),
    ["robot-7/front", "Jo-s-PC", "robot-8/rear"],
  );
  for (const path of ["robot-7/front", "robot-7%2Ffront", id]) {
    const found = await (await request("GET", `/sessions/${path}`)).json();
    assertEquals([found.id, found.name], [id, "robot-7/front"], path);
  }
  const watched = await request("POST", "/whep/robot-7/front", {
    headers: SDP_BODY,
    body: watching.sdp,
  });
  assertEquals(watched.status, 201);
  await connectTo(watching.peer, await watched.text());
  const location = watched.headers.get("location")!;
  assertMatch(location, new RegExp(`^/whep/${id}/[\\w-]+$`));
  const left = await request("DELETE", location);
  assertEquals(left.status, 200);

  const deleted = await request("DELETE", "/sessions/robot-7/front");
  assertEquals(deleted.status, 204);
  await assertProblem(
    await request("POST", "/whep/robot-7/front", {
      headers: SDP_BODY,
      body: watching.sdp,
    }),
    404,
    "There is no session robot-7/front",
  );
  assertEquals((await offer({ name: "robot-7/front" })).status, 200);
});

/** Rights by the caller's word. */
const RIGHTS = new Map<string, Access["rights"]>([
  ["seven", { publish: new Set(["robot-7"]) }],
  ["lab", { publish: new Set(["lab/*", "robot-9"]) }],
  ["screen", { watch: new Set(["lab/*"]) }],
]);
const authorize: Authorize = (request) => {
  const caller = request.headers.get("authorization") ?? "";
  return { caller, rights: RIGHTS.get(caller) ?? {} };
};

peerTest("a right holds for the names that it has", async () => {
  await using made = await makeOffer();
  await using server = await startHandler({ authorize });
  const as = (caller: string, path: string) =>
    server.request("POST", path, {
      headers: { ...SDP_BODY, authorization: caller },
      body: made.sdp,
    });
  const nameOf = async (response: Response): Promise<string> => {
    await response.body?.cancel();
    assertEquals(response.status, 201);
    const id = response.headers.get("location")!.slice("/whip/".length);
    return (await server.host.session(id)).name;
  };
  assertEquals(await nameOf(await as("seven", "/whip")), "robot-7");
  await assertProblem(
    await as("seven", "/whip/robot-8"),
    403,
    "The token gives no right to publish as robot-8",
  );
  await assertProblem(
    await as("lab", "/whip"),
    403,
    "The token lets sessions be published as lab/*, robot-9: give a name",
  );
  assertEquals(await nameOf(await as("lab", "/whip/lab/1")), "lab/1");
  assertEquals(await nameOf(await as("lab", "/whip/robot-9")), "robot-9");
  const seen = await server.request("GET", "/sessions", {
    headers: { authorization: "screen" },
  });
  const sessions: { name: string }[] = await seen.json();
  assertEquals(sessions.map(({ name }) => name), ["lab/1"]);
  const robot = (await server.host.sessions())[0];
  await assertProblem(
    await as("screen", "/whep/robot-7"),
    403,
    `The token gives no right to watch session ${robot.id}`,
  );
  const mine = await as("screen", "/whep/lab/1");
  await mine.body?.cancel();
  assert(mine.status !== 403);
});
