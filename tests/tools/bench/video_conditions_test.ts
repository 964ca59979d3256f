import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CONDITIONS,
  conditionsOf,
  type Measured,
} from "../../../tools/bench/video/conditions.ts";

function judge(id: string, measured: Measured): (boolean | undefined)[] {
  const [{ targets }] = conditionsOf([id]);
  return targets.map((target) => target.judge(measured)?.reached);
}

Deno.test("bench:video names its conditions once, and targets for each", () => {
  const ids = CONDITIONS.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
  assert(CONDITIONS.every(({ targets }) => targets.length > 0));
  assertEquals(conditionsOf(undefined), CONDITIONS);
  assertThrows(
    () => conditionsOf(["rate3"]),
    Error,
    "There is no condition rate3; there are free-720p30, ",
  );
});

Deno.test("bench:video judges nothing that wasn't measured", () => {
  for (const { id } of CONDITIONS) {
    const verdicts = judge(id, { ours: {} });
    assert(verdicts.every((reached) => reached === undefined), id);
  }
});

Deno.test("A freeze is judged by the time that browsers were frozen", () => {
  const measured = (frozenMs: number, seconds = 30) => ({
    ours: { frozenMs, measuredMs: seconds * 1000, extra: 4 },
    browsers: { frozenMs: 300 },
  });
  assertEquals(judge("rtt50-loss1", measured(500)), [true]);
  assertEquals(judge("rtt50-loss1", measured(501)), [false]);
  assertEquals(judge("rtt50-loss1", measured(450, 15)), [false]);
  assertEquals(judge("rtt50-loss5", measured(500)), [true, true]);
});

Deno.test("A stream is whole where no packet and no frame is missing", () => {
  const whole = (serverVideoLost: number, fps: number) =>
    judge("free-720p30", { ours: { serverVideoLost, fps } });
  assertEquals(whole(0, 29.9), [true]);
  assertEquals(whole(1, 30), [false]);
  assertEquals(whole(0, 28), [false]);
});

Deno.test("A narrow way has targets for sound, picture and points", () => {
  const good = {
    serverAudioLost: 0,
    fps: 12,
    frozenMs: 1000,
    measuredMs: 30_000,
    pointsHz: 3.95,
    pointsP95: 650,
  };
  assertEquals(judge("rate2", { ours: good }), Array(5).fill(true));
  const bad = {
    serverAudioLost: 1,
    fps: 9,
    frozenMs: 1500,
    measuredMs: 30_000,
    pointsHz: 3,
    pointsP95: 700,
  };
  assertEquals(judge("rate2", { ours: bad }), Array(5).fill(false));
  const slow = judge("watcher2", {
    ours: good,
    other: { frozenMs: 0, watcherVideoLost: 3 },
  });
  assertEquals(slow, [true, true, true, true, true, false]);
});

Deno.test("A rate that never comes back is too late", () => {
  const back = (recovery: number) =>
    judge("rate20-2-20", { ours: { frozenMs: 0, recovery } });
  assertEquals(back(8), [true, true]);
  assertEquals(back(Infinity), [true, false]);
});
