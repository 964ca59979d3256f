import { until } from "../support.ts";
import { GarbageCollector } from "../../lib/hosting/garbage_collector.ts";

const MIB = 1024 * 1024;
const SOON = { soonMs: 20, apartMs: 0 };

function heldMib(): number {
  return Deno.memoryUsage().external / MIB;
}

/** Makes garbage that V8 sees no need to collect. */
function litter(mib: number): void {
  Array.from({ length: mib }, () => new Uint8Array(MIB).fill(1));
}

Deno.test("GarbageCollector has what was left behind collected, soon", async () => {
  using collector = new GarbageCollector(SOON);
  for (let round = 0; round < 2; round++) {
    const before = heldMib();
    litter(100);
    collector.later();
    collector.later();
    await until(() => heldMib() < before + 20, { what: "memory" });
  }
});
