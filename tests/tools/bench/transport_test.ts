/** The real bench, as short as it can be. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { ROOT, temporaryFolder, testWith } from "../../support.ts";

testWith(
  [],
  "bench:transport measures ours, and writes a table and JSON",
  async () => {
    const { table, report } = await runBench("ours", "rtt50");
    assertEquals(report.machine.Deno, Deno.version.deno);
    const [result] = report.buffers.default.rtt50.ours;
    assertGreater(result.rate, 0);
    assertGreater(result.cpuSending, 0);
    assertGreater(result.wireRatio, 1);
    assert(table.includes(`| ${result.rate.toFixed(2)} `), table);
  },
);

testWith(
  ["bench's pion"],
  "bench:transport builds and measures Pion, and says which one",
  async () => {
    const { table, report } = await runBench("pion", "loopback");
    const [result] = report.buffers.default.loopback.pion;
    assertGreater(result.rate, 0);
    assertGreater(result.cpuSending, 0);
    assertGreater(result.cpuReceiving, 0);
    assert(table.includes(`Pion ${report.machine.Pion}`), table);
  },
);

/** Runs it for a second with one kind of peer, on one network. */
async function runBench(kind: string, only: string) {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/figures.json`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "-P=bench-transport", "tools/bench/transport.ts"],
      ...["--runs", "1", "--seconds", "1", "--buffers", "default"],
      ...["--kinds", kind, "--only", only, "--json", file],
    ],
    cwd: ROOT,
    // No test fetches anything.
    env: { GOPROXY: "off" },
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  const report = JSON.parse(await Deno.readTextFile(file));
  return { table: text.decode(stdout), report };
}
