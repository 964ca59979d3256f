/** The programs in a terminal, under `deno task`, as people start them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { Terminal } from "./terminal.ts";

const TASK = [Deno.execPath(), "task", "--quiet"];

testWith(
  ["linux"],
  "one Ctrl-C in a terminal ends the client with its report",
  async () => {
    await using server = await startServer();
    await using terminal = new Terminal([
      ...[...TASK, "client", "--signaling", `${server.url}/offer`],
      ...["--duration", "0", "--points", "1000", "--media", "none"],
    ]);
    await terminal.waitFor("the live line", /frame [3-9] /);
    await terminal.pressCtrlC();
    const code = await terminal.finished();
    assertMatch(terminal.text, /frames {4}\d+ sent, \d+ acknowledged/);
    assertEquals(code, 0, terminal.text);
  },
);

testWith(["linux"], "one Ctrl-C in a terminal ends the server", async () => {
  await using terminal = new Terminal([
    ...[...TASK, "server", "--host", "127.0.0.1", "--port", "0"],
  ]);
  await terminal.waitFor("the server", /listening/);
  await terminal.pressCtrlC();
  const code = await terminal.finished();
  assertMatch(terminal.text, /stopping/);
  assertEquals(code, 0, terminal.text);
});

testWith(["linux"], "the live line fits a narrow terminal", async () => {
  await using server = await startServer();
  const columns = 40;
  await using terminal = new Terminal([
    ...[...TASK, "client", "--signaling", `${server.url}/offer`],
    ...["--duration", "2", "--points", "1000", "--media", "none"],
  ], columns);
  assertEquals(await terminal.finished(), 0, terminal.text);
  const lines = terminal.text.split("\r\x1b[K").slice(1)
    .map((text) => text.split(/[\r\n]/)[0]);
  assert(lines.length > 2, terminal.text);
  for (const line of lines) assert(line.length < columns, line);
});
