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
    true,
  ]);
  assertEquals(judge("loopback", { ours: { rate: 15 }, aiortc, stock }), [
    true,
    true,
    false,
  ]);
});

Deno.test("The bench is ahead where both of ours are", () => {
  const others = { pion: { rate: 8 }, str0m: { rate: 4 } };
  const isAhead = (ours: number, libraries: number) =>
    judge("rtt50", {
      ours: { rate: ours },
      "ours-libraries": { rate: libraries },
      ...others,
    })[0];
  assertEquals(isAhead(9, 10), true);
  assertEquals(isAhead(8, 10), false);
  assertEquals(isAhead(10, 7), false);
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
