import { assertEquals } from "@std/assert";
import { until } from "../support.ts";
import { type Purpose, Tokens } from "../../lib/viewer/tokens.ts";

/** Tokens of a user who answers when the test says so. */
function setUp() {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const answers: ((token?: string) => void)[] = [];
  const tokens = new Tokens({
    ask(purpose: Purpose, wrong) {
      asked.push(`${purpose}: ${wrong ?? "-"}`);
      return new Promise((resolve) => answers.push(resolve));
    },
  }, {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  });
  const answer = async (token?: string) => {
    await until(() => answers.length > 0, { what: "a question" });
    answers.shift()!(token);
  };
  return { tokens, asked, answer };
}

Deno.test("a token is asked for once, and kept", async () => {
  const { tokens, asked, answer } = setUp();
  const both = Promise.all([
    tokens.replace("watch", undefined, "Missing."),
    tokens.replace("watch", undefined, "Missing."),
  ]);
  await answer("a");
  assertEquals(await both, ["a", "a"]);
  assertEquals([tokens.get("watch"), tokens.get("publish")], ["a", "a"]);
  // Who was refused without it need not ask.
  assertEquals(await tokens.replace("watch", undefined, "Missing."), "a");
  assertEquals(asked, ["watch: -"]);
});

Deno.test("a wrong token is asked for again, with why", async () => {
  const { tokens, asked, answer } = setUp();
  const first = tokens.replace("watch", undefined, "Missing.");
  await answer("a");
  await first;
  const second = tokens.replace("watch", "a", "Wrong.");
  await answer("b");
  assertEquals(await second, "b");
  assertEquals(asked, ["watch: -", "watch: Wrong."]);
});

Deno.test("to publish may take a token of its own", async () => {
  const { tokens, answer } = setUp();
  const watch = tokens.replace("watch", undefined, "");
  const publish = tokens.replace("publish", undefined, "");
  await answer("a");
  assertEquals(await watch, "a");
  assertEquals(await publish, "a", "the other one may do");
  const own = tokens.replace("publish", "a", "No.");
  await answer("b");
  assertEquals(await own, "b");
  assertEquals([tokens.get("watch"), tokens.get("publish")], ["a", "b"]);
});

Deno.test("a wish without a token is asked for again, and nothing else", async () => {
  const { tokens, asked, answer } = setUp();
  for (const purpose of ["watch", "publish"] as const) {
    const first = tokens.replace(purpose, undefined, "");
    await answer(undefined);
    assertEquals(await first, undefined);
  }
  assertEquals(await tokens.replace("watch", undefined, ""), undefined);
  assertEquals(asked, ["watch: -", "publish: -"]);
  const again = tokens.replace("publish", undefined, "");
  await answer("p");
  assertEquals(await again, "p");
  assertEquals(await tokens.replace("watch", undefined, ""), "p");
});
