/** `deno fmt` wraps code at 80 columns and leaves comments as they are. */
import { assertEquals } from "@std/assert";
import { modulesBelow, ROOT, testWith } from "./support.ts";

const COLUMNS = 80;

/** A URL or a row of a table can't be broken. */
function isLongComment(line: string): boolean {
  return line.length > COLUMNS && /^\s*(\/?\*|\/\/)/.test(line) &&
    !/https?:|^\s*\* \|/.test(line);
}

testWith([], "Comments of the library fit 80 columns", async () => {
  const long: string[] = [];
  for await (const path of modulesBelow("lib")) {
    const lines = (await Deno.readTextFile(`${ROOT}${path}`)).split("\n");
    lines.forEach((line, i) => {
      if (isLongComment(line)) long.push(`${path}:${i + 1}`);
    });
  }
  assertEquals(long, []);
});
