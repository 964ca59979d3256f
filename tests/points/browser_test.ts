import { assertEquals } from "@std/assert";
import { modulesBelow, testWith } from "../support.ts";

const POINTS = new URL("../../lib/points/", import.meta.url);

/** What runs in WebAssembly, in a browser too. */
const LIBRARIES = ["zstddec", "laz-perf"];

testWith(
  [],
  "lib/points can be loaded by a browser: it imports nothing else",
  async () => {
    const foreign: string[] = [];
    let modules = 0;
    for await (const path of modulesBelow("lib/points")) {
      const module = new URL(`../../${path}`, import.meta.url);
      modules++;
      const text = await Deno.readTextFile(module);
      const name = module.href.slice(POINTS.href.length);
      for (const [, from] of text.matchAll(/\b(?:from|import\() ?"(.*)"/g)) {
        const isOurs = from.startsWith(".") &&
          new URL(from, module).href.startsWith(POINTS.href);
        // Examples in comments are a user's.
        const isExample = /^(?:@pointwire|@std\/assert)/.test(from);
        if (!isOurs && !isExample && !LIBRARIES.includes(from)) {
          foreign.push(`${name}: ${from}`);
        }
      }
      if (/\bDeno\./.test(text)) foreign.push(`${name}: Deno`);
      if (/"node:/.test(text)) foreign.push(`${name}: node:`);
    }
    assertEquals(foreign, []);
    assertEquals(modules > 30, true, `${modules} modules, in all folders`);
  },
);
