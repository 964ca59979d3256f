import { assert, assertEquals } from "@std/assert";
import {
  CONDITIONS,
  type EntryMedians,
  type Medians,
} from "../../../tools/bench/transport/conditions.ts";

function judge(id: string, medians: Record<string, Partial<EntryMedians>>) {
  const condition = CONDITIONS.find((each) => each.id === id)!;
  const whole: Medians = Object.fromEntries(
    Object.entries(medians).map(([name, each]) => [
      name,
      { rate: 0, shares: [], queueDropped: 0, ...each },
    ]),
  );
  return condition.targets.map((target) => target.judge(whole)?.reached);
}

Deno.test("The bench's targets tell what was reached", () => {
  const aiortc = { rate: 4 };
  const stock = { rate: 8 };
  assertEquals(judge("loopback", { ours: { rate: 16 }, aiortc, stock }), [
    true,
    true,
  ]);
  assertEquals(judge("loopback", { ours: { rate: 15 }, aiortc, stock }), [
    true,
    false,
  ]);
});

Deno.test("The bench judges nothing by a peer that isn't there", () => {
  for (const { id, targets } of CONDITIONS) {
    assert(targets.length > 0, id);
    assert(judge(id, {}).every((reached) => reached === undefined), id);
  }
});

Deno.test("The bench asks for a fair share of two flows", () => {
  const fair = { "ours, ours": { rate: 2, shares: [40, 60] } };
  const unfair = { "ours, ours": { rate: 2, shares: [25, 75] } };
  assertEquals(judge("rate20-two", fair)[0], true);
  assertEquals(judge("rate20-two", unfair)[0], false);
});
