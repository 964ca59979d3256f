import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import {
  peakMemoryOf,
  processorTimes,
  restartPeakMemory,
} from "../../tools/proc.ts";
import { testWith, until } from "../support.ts";

const BLOCK_MIB = 128;
/** Computes, in a process that another one has started. */
const BUSY = "while :; do :; done & wait";
/** Takes a block when it is told to, gives it back, and says so each time. */
const HOLDER = `
  const [taken, free] = ["taken\\n", "free\\n"].map((text) =>
    new TextEncoder().encode(text)
  );
  for await (const _ of Deno.stdin.readable) {
    const { buffer } = new Uint8Array(${BLOCK_MIB} * 1024 * 1024).fill(1);
    Deno.stdout.writeSync(taken);
    await new Promise((resolve) => setTimeout(resolve, 100));
    buffer.transfer(0);
    Deno.stdout.writeSync(free);
  }
`;

testWith(
  ["linux"],
  "processorTimes() counts what a process started too",
  async () => {
    await using child = start("sh", ["-c", BUSY]);
    const { pid } = child.process;
    const before = await processorTimes(pid);
    const after = await until(async () => {
      const times = await processorTimes(pid);
      return times.own >= before.own + 0.2 && times;
    }, { what: "a process that computes" });
    // Each is of whole ticks of the kernel's.
    assertGreaterOrEqual(after.busy, before.busy + 0.1);
    assertGreater(after.all, after.busy);
  },
);

testWith(
  ["linux"],
  "peakMemoryOf() tells the most since restartPeakMemory()",
  async () => {
    await using child = start(Deno.execPath(), ["eval", HOLDER]);
    const { pid, stdin, stdout } = child.process;
    const writer = stdin.getWriter();
    const said = stdout.pipeThrough(new TextDecoderStream()).getReader();
    const ask = async () => {
      await writer.write(Uint8Array.of(10));
      let text = "";
      while (!text.includes("free")) text += (await said.read()).value;
      assertEquals(text, "taken\nfree\n");
    };
    // It is up, and has taken all but the block.
    await ask();
    await restartPeakMemory(pid);
    const before = await peakMemoryOf(pid);
    await ask();
    const most = await peakMemoryOf(pid);
    assertGreater(most, before + BLOCK_MIB / 2);
    await restartPeakMemory(pid);
    assertLess(await peakMemoryOf(pid), most - BLOCK_MIB / 2);
    await writer.close();
  },
);

/** Starts a process of its own group, which ends with its descendants. */
function start(program: string, args: string[]) {
  const process = new Deno.Command("setsid", {
    args: [program, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return {
    process,
    async [Symbol.asyncDispose]() {
      const { pid } = process;
      await new Deno.Command("kill", { args: ["-KILL", "--", `-${pid}`] })
        .output();
      await process.status;
    },
  };
}
