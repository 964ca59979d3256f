import { assert, assertEquals } from "@std/assert";
import { Turns } from "../lib/turns.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("Turns lets what has come in between any two parts, in their order", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = async (name: string) => {
    for (let part = 0; part < 3; part++) {
      await turns.next();
      done.push(`${name}${part}`);
      setTimeout(() => done.push("event"), 0);
    }
  };
  await Promise.all([work("a"), work("b"), work("c")]);
  await turns.next();
  const parts = done.filter((what) => what !== "event");
  assertEquals(parts.join(" "), "a0 b0 c0 a1 b1 c1 a2 b2 c2");
  // One that was due already may come before what a part has brought about.
  for (let at = 2; at < done.length; at++) {
    assert(done.slice(at - 2, at + 1).includes("event"), done.join(" "));
  }
});
