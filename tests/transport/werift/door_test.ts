import { assertEquals } from "@std/assert";
import { ROOT, testWith } from "../../support.ts";

const DOOR = "lib/transport/werift/";

/** Names by which a peer connection leads to what lies behind it. */
const BEHIND =
  /\b(sctpManager|secureManager|sctpTransport|dtlsTransports?|iceTransports)\b/;

async function* sourcesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    if (isDirectory) yield* sourcesIn(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

testWith([], "Nothing but the door reaches behind werift's types", async () => {
  const found: string[] = [];
  for await (const path of sourcesIn("lib/")) {
    if (path.startsWith(DOOR) || path.startsWith("lib/viewer/")) continue;
    const source = await Deno.readTextFile(ROOT + path);
    const line = source.split("\n").find((line) => BEHIND.test(line));
    if (line !== undefined) found.push(`${path}: ${line.trim()}`);
  }
  assertEquals(found, []);
});
