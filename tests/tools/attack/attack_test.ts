/** The real tool: a server, its neighbours, and a short attack. */
import { assertEquals, assertMatch } from "@std/assert";
import { Process } from "../../../tools/processes.ts";
import { temporaryFolder, testWith } from "../../support.ts";

const TOOL = ["run", "--quiet", "-P=bench-transport", "tools/attack.ts"];

testWith(
  ["linux"],
  "An attack is measured beside a publisher and a watcher",
  async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/table.md`;
    await using tool = new Process(Deno.execPath(), [
      ...[...TOOL, "--only", "traversal", "--seconds", "2"],
      ...["--markdown", file],
    ]);
    const { code } = await tool.finished();
    const said = await tool.stdout;
    // Memory, and how soon answers come, are a busy machine's too.
    assertMatch(said, /^traversal \| sent 0\.0 MB in \d+ \| /m, said);
    assertMatch(said, / \| Workers died 0 \| errors 0 \| /, said);
    const held = / \| verdict ok$/m.test(said);
    assertEquals(code, held ? 0 : 1, said);
    const [, head, , row] = (await Deno.readTextFile(file)).split("\n")
      .filter((line) => line !== "");
    const cells = (line: string) =>
      line.split(" | ").map((cell) => cell.trim());
    assertEquals(cells(head).length, cells(row).length);
    const [, frames] = /of (\d+)$/.exec(cells(row)[2]) ?? [];
    assertEquals(Number(frames) > 8, true, row);
  },
);

testWith([], "An attack that there isn't is refused by its name", async () => {
  await using tool = new Process(Deno.execPath(), [...TOOL, "--only", "no"]);
  const { code } = await tool.finished();
  assertEquals(code, 2);
  assertMatch(tool.stderr.join("\n"), /There is no attack no; --list lists/);
});
