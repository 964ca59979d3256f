import { assertEquals } from "@std/assert";
import { SessionBook } from "../../lib/observability/session_book.ts";
import { ScriptedHost, snapshotOf } from "./support.ts";

async function framesOf(book: SessionBook): Promise<number> {
  return (await book.read()).totals.frames;
}

Deno.test("SessionBook adds up sessions that live and sessions that are over", async () => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  assertEquals(await framesOf(book), 0);
  script.find(snapshotOf("a", 3), snapshotOf("b", 4));
  assertEquals(await framesOf(book), 7);
  script.close(snapshotOf("a", 5), "deleted");
  script.find(snapshotOf("b", 6));
  const { totals, sessions, closed } = await book.read();
  assertEquals([totals.frames, totals.points], [11, 110]);
  assertEquals(sessions.map(({ id }) => id), ["b"]);
  assertEquals([closed.deleted, closed.lost], [1, 0]);
});

Deno.test("SessionBook counts a session that no look ever found", async () => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  script.close(snapshotOf("short", 2));
  assertEquals(await framesOf(book), 2);
});

Deno.test("SessionBook counts a session once that ends during a look", async () => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  const found = Promise.withResolvers<ReturnType<typeof snapshotOf>[]>();
  script.sessions = () => found.promise;
  const look = book.read();
  script.close(snapshotOf("a", 5));
  found.resolve([snapshotOf("a", 4), snapshotOf("b", 1)]);
  const { totals, sessions } = await look;
  assertEquals(totals.frames, 6);
  assertEquals(sessions.map(({ id }) => id), ["b"]);
});

Deno.test("SessionBook never counts back", async (t) => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  script.find(snapshotOf("a", 5));
  assertEquals(await framesOf(book), 5);
  await t.step("when a session is missing before it is closed", async () => {
    script.find();
    const { totals, sessions } = await book.read();
    assertEquals([totals.frames, sessions.length], [5, 0]);
  });
  await t.step("when its last snapshot is older", async () => {
    script.close(snapshotOf("a", 4), "lost");
    assertEquals(await framesOf(book), 5);
  });
});

Deno.test("SessionBook adds up histograms, and messages by reason", async () => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  const with_ = (counts: number[], reasons: Record<string, number>) => {
    const base = snapshotOf("", 0);
    return {
      latency: { counts, sum: 1, count: counts.length },
      points: { ...base.points, invalidReasons: reasons },
    };
  };
  script.close(snapshotOf("a", 0, with_([1, 2], { text: 1 })));
  script.find(snapshotOf("b", 0, with_([3, 4], { text: 2, stale: 1 })));
  const { latency, invalid } = (await book.read()).totals;
  assertEquals(latency, { counts: [4, 6], sum: 2, count: 4 });
  assertEquals(invalid, { text: 3, stale: 1 });
});

Deno.test("SessionBook tells the first 200 names apart", async () => {
  const script = new ScriptedHost();
  using book = new SessionBook(script.host);
  script.close(snapshotOf("a", 3, { name: "robot-7" }));
  script.find(
    snapshotOf("b", 4, { name: "robot-7" }),
    snapshotOf("c", 1, { name: "robot-8" }),
  );
  const framesBy = async () =>
    new Map([...(await book.read()).byName].map(([n, t]) => [n, t.frames]));
  assertEquals(
    await framesBy(),
    new Map([["robot-7", 7], ["robot-8", 1]]),
  );
  for (let i = 0; i < 300; i++) {
    script.close(snapshotOf(`x${i}`, 1, { name: `x${i}` }));
  }
  const frames = await framesBy();
  assertEquals(frames.size, 201);
  assertEquals([frames.get("robot-7"), frames.get("other")], [7, 102]);
});
