import { assertEquals } from "@std/assert";
import { keysIn } from "../../lib/cli/playback_keys.ts";

async function* parts(texts: readonly string[]) {
  yield* texts;
}

Deno.test("keys are told apart, in however many parts they come", async () => {
  const keys = ["q", "\x1b[C", "\x1bOD", "[", "\x1b[1;2D", "\x1b[1~", " ", "é"];
  const text = keys.join("");
  for (let at = 0; at <= text.length; at++) {
    const given = parts([text.slice(0, at), text.slice(at)]);
    assertEquals(await Array.fromAsync(keysIn(given)), keys);
  }
  // An escape alone does nothing, whatever follows.
  const given = parts(["\x1b", "q"]);
  assertEquals(await Array.fromAsync(keysIn(given)), ["\x1b", "q"]);
});
