import { assertEquals, assertThrows } from "@std/assert";
import type { Access } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { Streams } from "../../lib/serving/streams.ts";

const ROBOT: Access = { caller: "robot", rights: { publish: "all" } };
const OTHER: Access = { caller: "other", rights: { publish: "all" } };

function watcherOf(...ids: string[]): Access {
  return { caller: "screen", rights: { watch: new Set(ids) } };
}

Deno.test("a right to watch a session holds for what takes its place", () => {
  const streams = new Streams();
  streams.opened("a", ROBOT);
  streams.closed("a");
  streams.opened("b", ROBOT, "a");
  streams.opened("c", ROBOT, "b");
  streams.opened("z", ROBOT);
  const mayWatch = (access: Access) =>
    ["a", "b", "c", "z"].filter((id) => streams.covers(access, "watch", id));
  assertEquals(mayWatch(watcherOf("a")), ["a", "b", "c"]);
  assertEquals(mayWatch(watcherOf("z", "nobody")), ["z"]);
  assertEquals(mayWatch({ rights: { operate: new Set(["z"]) } }), ["z"]);
  assertEquals(mayWatch(ROBOT), []);
  assertEquals(mayWatch({ rights: { watch: "all" } }), ["a", "b", "c", "z"]);
});

Deno.test("a session is its publisher's and an operator's", () => {
  const streams = new Streams();
  streams.opened("a", ROBOT);
  streams.checkOwn(ROBOT, "a");
  streams.checkOwn({ caller: "boss", rights: { operate: "all" } }, "a");
  streams.checkOwn(OTHER, "nobody");
  streams.closed("a");
  for (const access of [OTHER, watcherOf("a"), { rights: {} }]) {
    const error = assertThrows(
      () => streams.checkOwn(access, "a"),
      HttpProblem,
    );
    assertEquals(error.status, 403);
    assertEquals(error.message, "The session a was published by somebody else");
  }
});

Deno.test("the oldest of many sessions that are over are forgotten", () => {
  const streams = new Streams();
  for (let i = 0; i <= 1_000; i++) {
    streams.opened(`${i}`, ROBOT);
    streams.closed(`${i}`);
  }
  streams.checkOwn(OTHER, "0");
  assertThrows(() => streams.checkOwn(OTHER, "1"), HttpProblem);
});
