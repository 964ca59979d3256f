/** follow() with a real server, publishers and network stack, in one process. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { WatchOptions } from "../../lib/playing/watch.ts";
import type { WatchedSession } from "../../lib/playing/watched_session.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import { connectTo, makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { log, startPublisher, startScene, startServer } from "./scene.ts";

async function followOf(
  server: PointServer,
  options: Partial<WatchOptions> = {},
): Promise<AsyncGenerator<WatchedSession, void, void>> {
  const { follow } = await import("../../lib/playing/follow.ts");
  return follow({ server: server.url, log, ...options });
}

/** Gives the next session, of which there must be one. */
async function next(
  sessions: AsyncGenerator<WatchedSession, void, void>,
): Promise<WatchedSession> {
  const { value, done } = await sessions.next();
  assert(!done, "the loop is over");
  return value;
}

/** A publisher that takes the place of another session. */
async function resume(
  server: PointServer,
  id: string,
): Promise<AsyncDisposable & { id: string }> {
  const made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const answered = await server.host.publish({
    offer: await offerOf(made.peer),
    remote: "127.0.0.1",
    resumes: id,
  });
  await connectTo(made.peer, answered.sdp);
  return { id: answered.id, [Symbol.asyncDispose]: () => made.peer.close() };
}

peerTest("follow() goes on with the session that resumes", async () => {
  await using scene = await startScene();
  const sessions = await followOf(scene.server);
  const first = await next(sessions);
  // A newer one is nothing to one that watches.
  await using _other = await startPublisher(scene.server);
  await using heir = await resume(scene.server, first.id);
  assertEquals((await first.ended).code, "replaced");
  const second = await next(sessions);
  assertEquals(second.id, heir.id);
  await sessions.return();
  assertEquals((await second.ended).code, "left");
});

peerTest("follow() waits for the next session", async () => {
  await using server = await startServer();
  const sessions = await followOf(server);
  const due = next(sessions);
  {
    await using publisher = await startPublisher(server);
    const first = await due;
    publisher.source.send(1);
    for await (const { cloud } of first) {
      assertEquals(cloud.points, 2_000);
      await publisher.stop();
    }
    assertEquals((await first.ended).code, "ended");
  }
  const after = next(sessions);
  await using _publisher = await startPublisher(server);
  const [{ id }] = await server.host.sessions();
  assertEquals((await after).id, id);
  await sessions.return();
});

peerTest("follow() of one session is over when that is, for good", async () => {
  await using scene = await startScene();
  const { server } = scene;
  const [{ id }] = await server.host.sessions();
  await using _other = await startPublisher(server);
  const sessions = await followOf(server, { session: id });
  assertEquals((await next(sessions)).id, id);
  await using heir = await resume(server, id);
  assertEquals((await next(sessions)).id, heir.id);
  await server.host.endSession(heir.id, "no more of it", "deleted");
  assertEquals(await sessions.next(), { value: undefined, done: true });
});

peerTest("follow() ends when it is told to, whatever it does", async () => {
  await using server = await startServer();
  const life = new AbortController();
  const waiting = await followOf(server, { signal: life.signal });
  const end = waiting.next();
  life.abort();
  assertEquals(await end, { value: undefined, done: true });

  await using _publisher = await startPublisher(server);
  const second = new AbortController();
  const sessions = await followOf(server, { signal: second.signal });
  const { ended } = await next(sessions);
  second.abort();
  assertEquals((await ended).code, "left");
  assertEquals(await sessions.next(), { value: undefined, done: true });
});

peerTest("follow() names what waiting doesn't mend", async () => {
  const { HttpProblem } = await import("../../lib/serving/problem.ts");
  await using open = await startServer();
  const unknown = await followOf(open, { session: "nobody" });
  await assertRejects(
    () => unknown.next(),
    Error,
    "There is no session nobody",
  );
  await using closed = await startServer({
    authorize() {
      throw new HttpProblem(401, "A token is needed");
    },
  });
  const refused = await followOf(closed);
  await assertRejects(
    () => refused.next(),
    Error,
    "A token is needed; give one with the option token",
  );
});
