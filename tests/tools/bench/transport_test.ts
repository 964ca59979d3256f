/** The real bench, as short as it can be. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { ROOT, temporaryFolder, testWith } from "../../support.ts";

testWith(
  [],
  "bench:transport measures ours, and writes a table and JSON",
  async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/figures.json`;
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          ...[
            "run",
            "--quiet",
            "-P=bench-transport",
            "tools/bench/transport.ts",
          ],
          ...["--runs", "1", "--seconds", "1", "--buffers", "default"],
          ...["--kinds", "ours", "--only", "rtt50", "--json", file],
        ],
        cwd: ROOT,
      },
    ).output();
    assert(success, new TextDecoder().decode(stderr));
    const { machine, buffers } = JSON.parse(await Deno.readTextFile(file));
    assertEquals(machine.Deno, Deno.version.deno);
    const [result] = buffers.default.rtt50.ours;
    assertGreater(result.rate, 0);
    assertGreater(result.cpuSending, 0);
    assertGreater(result.wireRatio, 1);
    const table = new TextDecoder().decode(stdout);
    assert(table.includes(`| ${result.rate.toFixed(2)} `), table);
  },
);
