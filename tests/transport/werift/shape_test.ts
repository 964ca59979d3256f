import { assertEquals, assertThrows } from "@std/assert";
import { ConnectionError } from "../../../lib/transport/errors.ts";
import { demandShape, oddsOf } from "../../../lib/transport/werift/shape.ts";

const SHAPE = {
  count: "number",
  later: "undefined",
  "inner.call": "function",
} as const;

Deno.test("oddsOf() names nothing of an object that is as expected", () => {
  const inner = { call: () => {} };
  assertEquals(oddsOf({ count: 1, later: undefined, inner }, SHAPE), []);
  // What a prototype has is there, too.
  class Made {
    count = 1;
    later = undefined;
    get inner() {
      return Object.assign(() => {}, inner);
    }
  }
  assertEquals(oddsOf(new Made(), SHAPE), []);
});

Deno.test("oddsOf() names what is missing, and what is of another kind", () => {
  assertEquals(oddsOf({ count: "1", later: 2, inner: {} }, SHAPE), [
    "count is string and not number",
    "later is number and not undefined",
    "inner.call is missing and not function",
  ]);
  assertEquals(oddsOf({ count: null, inner: null }, SHAPE), [
    "count is null and not number",
    "later is missing and not undefined",
    "inner.call is missing and not function",
  ]);
  for (const none of [undefined, null, 5, "text"]) {
    assertEquals(oddsOf(none, SHAPE).length, 3, String(none));
  }
});

Deno.test("demandShape() refuses a connection, and says why", () => {
  demandShape("agent", { count: 1 }, { count: "number" });
  const error = assertThrows(
    () => demandShape("agent", {}, { count: "number", name: "string" }),
    ConnectionError,
    "werift's agent is not as known: count is missing and not number",
  );
  assertEquals(error.reason, "failed");
});
