import { assertEquals, assertThrows } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import type { Access } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { Lineages } from "../../lib/serving/lineages.ts";

const ROBOT: Access = { caller: "robot", rights: { publish: "all" } };
const OTHER: Access = { caller: "other", rights: { publish: "all" } };

function watcherOf(...ids: string[]): Access {
  return { caller: "screen", rights: { watch: new Set(ids) } };
}

Deno.test("a right to watch a session holds for what takes its place", () => {
  const lineages = new Lineages();
  lineages.opened({ id: "a" }, ROBOT);
  lineages.closed("a");
  lineages.opened({ id: "b" }, ROBOT, "a");
  lineages.opened({ id: "c" }, ROBOT, "b");
  lineages.opened({ id: "z" }, ROBOT);
  const mayWatch = (access: Access) =>
    ["a", "b", "c", "z"].filter((id) => lineages.covers(access, "watch", id));
  assertEquals(mayWatch(watcherOf("a")), ["a", "b", "c"]);
  assertEquals(mayWatch(watcherOf("z", "nobody")), ["z"]);
  assertEquals(mayWatch({ rights: { operate: new Set(["z"]) } }), ["z"]);
  assertEquals(mayWatch(ROBOT), []);
  assertEquals(mayWatch({ rights: { watch: "all" } }), ["a", "b", "c", "z"]);
});

Deno.test("a right to watch a name holds for what is called so", () => {
  const lineages = new Lineages();
  lineages.opened({ id: "a", name: "robot-7" }, ROBOT);
  lineages.opened({ id: "b", name: "lab/front" }, ROBOT);
  lineages.opened({ id: "c", name: "lab/rear" }, ROBOT);
  const mayWatch = (...names: string[]) =>
    ["a", "b", "c"].filter((id) =>
      lineages.covers(watcherOf(...names), "watch", id)
    );
  assertEquals(mayWatch("robot-7"), ["a"]);
  assertEquals(mayWatch("lab/*"), ["b", "c"]);
  assertEquals(mayWatch("*/rear", "a"), ["a", "c"]);
  assertEquals(mayWatch("robot", "lab"), []);
});

Deno.test("a session is its publisher's and an operator's", () => {
  const lineages = new Lineages();
  lineages.opened({ id: "a" }, ROBOT);
  lineages.checkOwn(ROBOT, "a");
  lineages.checkOwn({ caller: "boss", rights: { operate: "all" } }, "a");
  lineages.checkOwn(OTHER, "nobody");
  lineages.closed("a");
  for (const access of [OTHER, watcherOf("a"), { rights: {} }]) {
    const error = assertThrows(
      () => lineages.checkOwn(access, "a"),
      HttpProblem,
    );
    assertEquals(error.status, 403);
    assertEquals(error.message, "The session a was published by somebody else");
  }
});

Deno.test("the oldest of many sessions that are over are forgotten", () => {
  const lineages = new Lineages();
  for (let i = 0; i <= 1_000; i++) {
    lineages.opened({ id: `${i}` }, ROBOT);
    lineages.closed(`${i}`);
  }
  lineages.checkOwn(OTHER, "0");
  assertThrows(() => lineages.checkOwn(OTHER, "1"), HttpProblem);
});

Deno.test("a session of another node is its publisher's there", () => {
  const lineages = new Lineages();
  const found = (id: string, name: string, resumes: string | null = null) =>
    lineages.found({ id, name, resumes } as SessionSnapshot, "robot");
  found("a", "robot-7");
  lineages.checkOwn(ROBOT, "a");
  assertThrows(() => lineages.checkOwn(OTHER, "a"), HttpProblem);
  assertEquals(lineages.covers(watcherOf("robot-7"), "watch", "a"), true);
  // It went from node to node.
  found("b", "robot-7", "a");
  assertEquals(lineages.covers(watcherOf("a"), "watch", "b"), true);
});
