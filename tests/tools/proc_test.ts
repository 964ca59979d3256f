import { assertGreater, assertGreaterOrEqual } from "@std/assert";
import { processorTimes } from "../../tools/proc.ts";
import { testWith, until } from "../support.ts";

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
