import { assertEquals } from "@std/assert";
import { sumOf } from "../../../tools/bench/cluster/activity.ts";
import { nodesBetween } from "../../../tools/bench/cluster/tables.ts";

Deno.test("what peers did is added up, but for the longest gap", () => {
  const one = { sent: 3, longestGapMs: 700, ended: ["it left"] };
  const other = { sent: 4, longestGapMs: 300, ended: [] };
  assertEquals(sumOf([one, other, other]), {
    sent: 11,
    longestGapMs: 700,
    ended: ["it left"],
  });
  assertEquals(one.sent, 3);
});

Deno.test("a node's cores are its processor time over the time", () => {
  const before = [{ cpu: 10, memory: 100 }, { cpu: 2, memory: 90 }];
  const after = [{ cpu: 15, memory: 120 }, { cpu: 2, memory: 80 }];
  assertEquals(nodesBetween(before, after, 10), [
    { cores: 0.5, memory: 120 },
    { cores: 0, memory: 80 },
  ]);
});
