/** `deno fmt` wraps code at 80 columns and leaves comments as they are. */
import { assertEquals } from "@std/assert";
import { ROOT, testWith } from "./support.ts";

const COLUMNS = 80;

/** The TypeScript files below a folder that are ours. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

/** A URL or a row of a table can't be broken. */
function isLongComment(line: string): boolean {
  return line.length > COLUMNS && /^\s*(\/?\*|\/\/)/.test(line) &&
    !/https?:|^\s*\* \|/.test(line);
}

testWith([], "Comments of the library fit 80 columns", async () => {
  const long: string[] = [];
  for await (const path of filesBelow("lib")) {
    const lines = (await Deno.readTextFile(`${ROOT}${path}`)).split("\n");
    lines.forEach((line, i) => {
      if (isLongComment(line)) long.push(`${path}:${i + 1}`);
    });
  }
  assertEquals(long, []);
});
