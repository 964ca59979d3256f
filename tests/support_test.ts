import { assertEquals, assertRejects } from "@std/assert";
import { until } from "./support.ts";

Deno.test("until() gives what the condition gives, once it is truthy", async () => {
  let asked = 0;
  const value = await until(() => ++asked === 3 ? "third" : undefined, {
    what: "the third time",
  });
  assertEquals(value, "third");
});

Deno.test("until() names what didn't come in time", async () => {
  const within = 20;
  await assertRejects(
    () => until(() => false, { what: "a miracle", within }),
    Error,
    "Waited 20 ms in vain for a miracle",
  );
});

Deno.test("until() says what it sees in the end", async () => {
  let seen = 0;
  const what = () => `a lower number than ${seen}`;
  await assertRejects(
    () => until(() => ++seen < 0, { what, within: 20 }),
    Error,
    "in vain for a lower number than ",
  );
});

Deno.test("until() doesn't wait for a condition that never answers", async () => {
  await assertRejects(
    () => until(() => new Promise(() => {}), { what: "an answer", within: 20 }),
    Error,
    "Waited 20 ms in vain for an answer",
  );
});

Deno.test("until() throws what the condition throws", async () => {
  const fail = () => Promise.reject(new TypeError("No such thing"));
  await assertRejects(
    () => until(fail, { what: "nothing" }),
    TypeError,
    "No such thing",
  );
});
