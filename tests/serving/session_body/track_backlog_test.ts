import { assertEquals } from "@std/assert";
import { ByteBudget } from "../../../lib/limits/byte_budget.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { TrackBacklog } from "../../../lib/serving/session_body/track_backlog.ts";

/** A backlog by a clock of its own, which counts what it asks for. */
function start(budgetBytes = 100 * 2 ** 20) {
  const clock = { now: 0, asked: 0 };
  const backlog = new TrackBacklog({
    budget: new ByteBudget(budgetBytes),
    requestKeyframe: () => clock.asked++,
    now: () => clock.now,
  });
  const push = (time: number, keyframe = false, bytes = 10) => {
    const frame: MediaFrame = {
      ...{ kind: "video", codec: "VP8", timestamp: time, keyframe },
      ...{ data: new Uint8Array(bytes), discontinuity: false },
    };
    clock.now = Math.max(clock.now, time);
    backlog.push({ frame, time });
  };
  const rest = () => {
    const times: number[] = [];
    for (let next; (next = backlog.shift());) times.push(next.time);
    return times;
  };
  return { backlog, clock, push, rest };
}

Deno.test("what a reader gets begins with a keyframe, which is asked for", () => {
  const { push, rest, clock } = start();
  push(10);
  push(20);
  assertEquals([rest(), clock.asked], [[], 1]);
  push(30, true);
  push(40);
  assertEquals([rest(), clock.asked], [[30, 40], 1]);
  push(1_500);
  assertEquals([rest(), clock.asked], [[1_500], 1], "nothing is missing");
});

Deno.test("a slow reader goes on at the newest keyframe", () => {
  const { push, rest } = start();
  for (let time = 0; time <= 1_020; time += 20) push(time, time % 400 === 0);
  assertEquals(rest().at(0), 800, "those before are a second old");
});

Deno.test("where there is no newer keyframe it goes on at the next", () => {
  const { push, rest, clock } = start();
  push(0, true);
  for (let time = 20; time <= 1_100; time += 20) push(time);
  assertEquals([rest(), clock.asked], [[], 1]);
  push(2_200);
  push(2_220);
  assertEquals(clock.asked, 2, "once a second");
  push(2_240, true);
  assertEquals(rest(), [2_240]);
});

Deno.test("what waits is bounded, and given back", () => {
  const { push, rest, backlog } = start(30 * 2 ** 20);
  push(0, true, 3 * 2 ** 20);
  push(10, false, 2 ** 20);
  push(20, false, 2 ** 20);
  assertEquals(rest(), [], "more than 4 MiB, and no other keyframe");
  push(30, true, 20 * 2 ** 20);
  assertEquals(rest(), [30], "one alone may be larger");
  push(40, true, 20 * 2 ** 20);
  backlog[Symbol.dispose]();
  push(50, true, 30 * 2 ** 20);
  assertEquals(rest(), [50], "the budget is free again");
});

Deno.test("what the server may not hold for others is left out", () => {
  const budget = new ByteBudget(15);
  using _ = budget.take(10);
  const asked: number[] = [];
  const backlog = new TrackBacklog({
    budget,
    requestKeyframe: () => asked.push(1),
  });
  const frame: MediaFrame = {
    ...{ kind: "video", codec: "VP8", timestamp: 0, keyframe: true },
    ...{ data: new Uint8Array(10), discontinuity: false },
  };
  backlog.push({ frame, time: 0 });
  assertEquals([backlog.shift(), asked.length], [undefined, 1]);
  backlog.push({ frame: { ...frame, keyframe: false }, time: 1 });
  assertEquals(backlog.shift(), undefined);
});
