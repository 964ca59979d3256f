import { assertEquals } from "@std/assert";
import { ROOT, testWith } from "../support.ts";

testWith(
  [],
  "lib/points can be loaded by a browser: it imports nothing else",
  async () => {
    const foreign: string[] = [];
    for await (const { name } of Deno.readDir(`${ROOT}/lib/points`)) {
      // For Deno and Node.js alone; zstd_browser.ts stands in for it.
      if (name === "zstd_node.ts") continue;
      const text = await Deno.readTextFile(`${ROOT}/lib/points/${name}`);
      for (const [, from] of text.matchAll(/^(?:import|}) .*from "(.*)";$/gm)) {
        const ours = /^\.\/\w+\.ts$/.test(from) && from !== "./zstd_node.ts";
        if (!ours && from !== "zstddec") foreign.push(`${name}: ${from}`);
      }
      if (/\bDeno\./.test(text)) foreign.push(`${name}: Deno`);
    }
    assertEquals(foreign, []);
  },
);
