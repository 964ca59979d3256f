import { assertEquals, assertThrows } from "@std/assert";
import { LimitError } from "../../lib/limits/limit_error.ts";
import { Occupancy } from "../../lib/limits/occupancy.ts";

function setUp() {
  return new Occupancy({
    limit: "watchers",
    max: 2,
    full: "It is full",
    retryAfterS: 7,
  });
}

Deno.test("Occupancy refuses one too many of a key, and says what of", () => {
  const occupancy = setUp();
  occupancy.enter("a");
  const second = occupancy.enter("a");
  const error = assertThrows(() => occupancy.enter("a"), LimitError);
  assertEquals([error.limit, error.message, error.retryAfterS], [
    "watchers",
    "It is full",
    7,
  ]);
  occupancy.enter("b");
  second[Symbol.dispose]();
  occupancy.enter("a");
  assertThrows(() => occupancy.enter("a"), LimitError);
});

Deno.test("Occupancy gives a place back once", () => {
  const occupancy = setUp();
  const first = occupancy.enter("a");
  occupancy.enter("a");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(occupancy.count("a"), 1);
});
