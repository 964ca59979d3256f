import { assert, assertGreater } from "@std/assert";
import { processorTimes } from "../../tools/proc.ts";
import { testWith, until } from "../support.ts";

testWith(
  ["linux"],
  "processorTimes() counts what a process started too",
  async () => {
    const before = await processorTimes(Deno.pid);
    await using child = busyChild();
    const [own, childs] = await until(async () => {
      const { own } = await processorTimes(Deno.pid);
      const { own: childs } = await processorTimes(child.pid);
      return childs >= 0.2 && [own - before.own, childs];
    }, { what: "a process that computes" });
    assertGreater(own, 0.2);
    const after = await processorTimes(Deno.pid);
    assert(after.busy - before.busy >= childs - 0.05);
    assert(after.all - before.all >= after.busy - before.busy);
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
