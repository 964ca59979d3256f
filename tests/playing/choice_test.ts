import { assertEquals } from "@std/assert";
import {
  type Choosable,
  chooseSession,
  watchable,
} from "../../lib/playing/choice.ts";

function session(
  id: string,
  second: number,
  rest: Partial<Choosable> = {},
): Choosable {
  const createdAt = new Date(second * 1000).toISOString();
  return { id, resumes: null, state: "connected", createdAt, ...rest };
}

const NONE = { asked: undefined, current: undefined };

Deno.test("nothing live is nothing to watch", () => {
  assertEquals(chooseSession([], NONE), undefined);
  const connecting = session("a", 1, { state: "connecting" });
  assertEquals(chooseSession([connecting], NONE), undefined);
});

Deno.test("the newest session is watched when nothing is asked for", () => {
  const sessions = [session("a", 1), session("c", 3), session("b", 2)];
  assertEquals(chooseSession(sessions, NONE), "c");
  assertEquals(watchable(sessions).map(({ id }) => id), ["c", "b", "a"]);
});

Deno.test("a session that is watched stays when a newer one comes", () => {
  const sessions = [session("a", 1), session("b", 2)];
  assertEquals(chooseSession(sessions, { ...NONE, current: "a" }), "a");
});

Deno.test("a session that is asked for is watched when it is live", () => {
  const sessions = [session("a", 1), session("b", 2)];
  const asked = { asked: "a", current: "b" };
  assertEquals(chooseSession(sessions, asked), "a");
  assertEquals(chooseSession([session("b", 2)], asked), "b");
});

Deno.test("what is asked for by name is waited for", () => {
  const asked = { asked: "robot-7", current: undefined };
  const other = session("b", 2, { name: "robot-8" });
  assertEquals(chooseSession([other], asked), undefined);
  const sessions = [other, session("a", 1, { name: "robot-7" })];
  assertEquals(chooseSession(sessions, asked), "a");
  const again = [other, session("c", 3, { name: "robot-7" })];
  assertEquals(chooseSession(again, { ...asked, current: "a" }), "c");
  // An id is no other session's name.
  const called = session("d", 4, { name: "b" });
  assertEquals(chooseSession([called, other], { ...NONE, asked: "b" }), "b");
});

Deno.test("the session that resumes another takes its place", () => {
  const sessions = [
    session("a", 1),
    session("z", 9),
    session("b", 2, { resumes: "a" }),
  ];
  assertEquals(chooseSession(sessions, { ...NONE, current: "a" }), "b");
  assertEquals(
    chooseSession(sessions.slice(1), { asked: "a", current: "a" }),
    "b",
  );
});
