import { assert, assertEquals } from "@std/assert";
import type { Choosable } from "../../lib/playing/choice.ts";
import { Follower, type FollowState } from "../../lib/viewer/follower.ts";
import { SessionGone } from "../../lib/viewer/session_gone.ts";
import { FakeClock, turn } from "../fake_clock.ts";

const A = session("a", 1);
const B = session("b", 2);

function session(id: string, second: number): Choosable {
  const createdAt = new Date(second * 1000).toISOString();
  return { id, resumes: null, state: "connected", createdAt };
}

/** A follower whose connections end when the test says so. */
function setUp(asked?: string) {
  const clock = new FakeClock();
  const states: string[] = [];
  const streams: string[] = [];
  const plays: {
    id: string;
    signal: AbortSignal;
    end(reason: string): void;
    fail(error: Error): void;
  }[] = [];
  const follower = new Follower(
    (id, connected, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      signal.addEventListener("abort", () => resolve("stopped"));
      plays.push({ id, signal, end: resolve, fail: reject });
      connected();
      return promise;
    },
    {
      onState: (state) => states.push(describe(state)),
      onStream: (id, resumes) => streams.push(resumes ? `${id} resumes` : id),
    },
    { asked, clock },
  );
  return { follower, states, streams, plays, clock };
}

function describe(state: FollowState): string {
  const id = "id" in state ? ` ${state.id}` : "";
  const reason = "reason" in state ? `: ${state.reason}` : "";
  return `${state.kind}${id}${reason}`;
}

Deno.test("what is live is played, once", () => {
  const { follower, states, plays } = setUp();
  using _ = follower;
  follower.update([]);
  assertEquals(states, []);
  follower.update([A]);
  follower.update([A]);
  assertEquals(states, ["connecting a", "live a"]);
  assertEquals(plays.length, 1);
});

Deno.test("a session that ends is told with the server's reason", async () => {
  const { follower, states, plays } = setUp();
  using _ = follower;
  follower.update([A]);
  follower.closed("a", "its client hung up");
  follower.update([]);
  await turn();
  assertEquals(states.at(-1), "ended a: its client hung up");
  assert(plays[0].signal.reason instanceof SessionGone);
});

Deno.test("another session is played when one ends", async () => {
  const { follower, states, streams, plays } = setUp();
  using _ = follower;
  follower.update([A]);
  follower.update([B]);
  await turn();
  assertEquals(plays.map(({ id }) => id), ["a", "b"]);
  assertEquals(states.at(-1), "live b");
  assertEquals(streams, ["a", "b"]);
});

Deno.test("a session that resumes another goes on with its stream", () => {
  const { follower, streams } = setUp();
  using _ = follower;
  follower.update([A]);
  follower.update([A, { ...B, resumes: "a" }]);
  assertEquals(streams, ["a", "b resumes"]);
});

Deno.test("the user's choice is played, and left alone", () => {
  const { follower, plays } = setUp("a");
  using _ = follower;
  follower.update([A, B]);
  assertEquals(plays.at(-1)?.id, "a");
  follower.ask("b");
  assertEquals(plays.at(-1)?.id, "b");
  assert(!(plays[0].signal.reason instanceof SessionGone));
  follower.update([A, B, session("c", 3)]);
  assertEquals(plays.length, 2);
});

Deno.test("a connection that ends or fails is made again", async () => {
  const { follower, states, plays, clock } = setUp();
  using _ = follower;
  follower.update([A]);
  await clock.advance(60_000);
  plays[0].end("the connection was lost");
  await turn();
  assertEquals(states.at(-1), "retrying a: the connection was lost");
  // Not at once, however long it lasted: the server may be starting again.
  await clock.advance(249);
  assertEquals(plays.length, 1);
  await clock.advance(251);
  assertEquals(plays.length, 2);
  plays[1].fail(new Error("The server is full"));
  await turn();
  assertEquals(states.at(-1), "retrying a: The server is full");
});
