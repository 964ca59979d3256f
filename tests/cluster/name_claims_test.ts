import { assert, assertEquals } from "@std/assert";
import { NameClaims } from "../../lib/cluster/name_claims.ts";
import type { KnownSession } from "../../lib/cluster/calls.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";

function makeNode(instance: string) {
  const sessions = new Map<string, KnownSession>();
  const claims = new NameClaims(instance, sessions);
  return {
    instance,
    claims,
    add(id: string, name: string, resumes: string | null = null) {
      sessions.set(id, { session: { id, name, resumes } as SessionSnapshot });
    },
  };
}
type Node = ReturnType<typeof makeNode>;

/** Asks others as they are asked over NATS: each in a turn of its own. */
async function ask(others: Node[], by: Node, name: string) {
  const answers = await Promise.all(others.map(async (other) => {
    await Promise.resolve();
    return other.claims.grant(name, by.instance, null);
  }));
  return answers.every((isFree) => isFree);
}

const claim = (node: Node, others: Node[], name = "robot") =>
  node.claims.claim(name, () => ask(others, node, name));

Deno.test("Of nodes that claim a name at once one has it", async () => {
  const a = makeNode("a");
  const b = makeNode("b");
  const held = await Promise.all([claim(a, [b]), claim(b, [a])]);
  assertEquals(held.map((one) => one !== undefined), [true, false]);
  // Another name is free meanwhile.
  assert(await claim(b, [a], "other"));
  assertEquals(await claim(b, [a]), undefined);
});

Deno.test("A name that is granted is kept until its session is there", async () => {
  const a = makeNode("a");
  const b = makeNode("b");
  using held = await claim(b, [a]);
  assert(held);
  assertEquals(await claim(a, [b]), undefined);
  // From then on it is known by the session itself.
  a.claims.settle("robot");
  b.add("id", "robot");
  held[Symbol.dispose]();
  assertEquals(await claim(a, [b]), undefined);
  assertEquals(b.claims.grant("robot", "a", "id"), true);
});

Deno.test("A try that its publisher gave up does not keep the name", () => {
  const a = makeNode("a");
  a.add("given up", "robot", "first");
  assertEquals(a.claims.grant("robot", "b", "second"), false);
  assertEquals(a.claims.grant("robot", "b", null), false);
  assertEquals(a.claims.grant("robot", "b", "first"), true);
});

Deno.test("A claim that fails holds nothing", async () => {
  const a = makeNode("a");
  const b = makeNode("b");
  b.add("id", "robot");
  assertEquals(await claim(a, [b]), undefined);
  assertEquals(a.claims.grant("robot", "c", null), true);
});

// The last grants the second, which the first refuses, before it is asked by
// the first: that one is to have the name then, or nobody has.
Deno.test("Of three nodes that claim a name at once one has it", async () => {
  const [a, b, c] = ["a", "b", "c"].map(makeNode);
  const late = Promise.withResolvers<void>();
  const first = a.claims.claim("robot", async () => {
    await late.promise;
    return await ask([b, c], a, "robot");
  });
  const others = [claim(b, [a, c]), claim(c, [a, b])];
  assertEquals(await Promise.all(others), [undefined, undefined]);
  late.resolve();
  assert(await first !== undefined);
});
