import { assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import {
  peakMemoryOf,
  processorTimes,
  restartPeakMemory,
} from "../../tools/proc.ts";
import { testWith, until } from "../support.ts";

const BLOCK_MIB = 128;

testWith(
  ["linux"],
  "processorTimes() counts what a process started too",
  async () => {
    const before = await processorTimes(Deno.pid);
    await using child = busyChild();
    const [childs, own] = await until(async () => {
      const { own: childs } = await processorTimes(child.pid);
      const { own } = await processorTimes(Deno.pid);
      return childs >= 0.2 && [childs, own - before.own];
    }, { what: "a process that computes" });
    // Each is of whole ticks of the kernel's.
    assertGreaterOrEqual(own, childs - 0.1);
    const after = await processorTimes(Deno.pid);
    assertGreater(after.own, before.own);
    assertGreater(after.busy, before.busy);
    assertGreater(after.all, after.busy);
  },
);

testWith(
  ["linux"],
  "peakMemoryOf() tells the most since restartPeakMemory()",
  async () => {
    await restartPeakMemory(Deno.pid);
    const before = await peakMemoryOf(Deno.pid);
    const block = new Uint8Array(BLOCK_MIB * 1024 * 1024).fill(1);
    const most = await peakMemoryOf(Deno.pid);
    assertGreater(most, before + BLOCK_MIB / 2);
    // It is freed at once.
    block.buffer.transfer(0);
    assertGreaterOrEqual(await peakMemoryOf(Deno.pid), most);
    await restartPeakMemory(Deno.pid);
    assertLess(await peakMemoryOf(Deno.pid), most - BLOCK_MIB / 2);
  },
);

function busyChild(): AsyncDisposable & { pid: number } {
  const child = new Deno.Command("sh", { args: ["-c", "while :; do :; done"] })
    .spawn();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}
