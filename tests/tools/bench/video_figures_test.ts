import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { WatcherReading } from "../../../tools/bench/video/reading.ts";
import {
  legFigures,
  medianFigures,
  pictureFigures,
  recoveryFigures,
  watchedPoints,
  watcherFigures,
} from "../../../tools/bench/video/figures.ts";

function reading(changes: Partial<WatcherReading>): WatcherReading {
  return {
    now: 10_000,
    describedAt: 0,
    frameTimes: [],
    framesPresented: 0,
    seconds: [],
    video: {},
    audio: {},
    points: [],
    ...changes,
  };
}

const frames = (from: number, until: number, ms: number) =>
  Array.from({ length: (until - from) / ms }, (_, i) => from + i * ms);

Deno.test("A watcher without a picture is frozen from the offer on", () => {
  const figures = watcherFigures(reading({ describedAt: 2000 }));
  assertEquals([figures.fps, figures.frozenMs], [0, 8000]);
  assertEquals(figures.firstPictureMs, undefined);
});

Deno.test("A watcher's figures are of the time since its first picture", () => {
  const { fps, frozenMs, firstPictureMs } = watcherFigures(
    reading({
      describedAt: 100,
      frameTimes: frames(2000, 10_000, 50),
      framesPresented: 168,
    }),
  );
  assertEquals([fps, frozenMs, firstPictureMs], [21, 0, 1900]);
});

Deno.test("Silence that is made up is no loss of sound", () => {
  const { concealed } = watcherFigures(reading({
    audio: {
      totalSamplesReceived: 1000,
      concealedSamples: 300,
      silentConcealedSamples: 250,
    },
  }));
  assertEquals(concealed, 5);
});

Deno.test("Repair is told beside what was sent for the first time", () => {
  const of = (bytes: number) => ({ packets: 1, bytes, marked: 0 });
  const rtp = { video: of(900), audio: of(100), repair: of(50) };
  assertEquals(legFigures(rtp).extra, 5);
  const nothing = { video: of(0), audio: of(0), repair: of(0) };
  assertEquals(legFigures(nothing).extra, undefined);
});

Deno.test("Points that are left out lower what a frame has", () => {
  const points = [
    { at: 8000, latencyMs: 40, points: 100 },
    { at: 9000, latencyMs: 80, points: 50 },
  ];
  const figures = watchedPoints(reading({ points }), 100);
  assertEquals(figures.pointsHz, 1);
  assertEquals(figures.thinned, 25);
  assertEquals([figures.pointsP50, figures.pointsP95], [40, 80]);
});

Deno.test("A rate is back when frames and bytes both are", () => {
  const fps = [...Array(20).fill(30), ...Array(20).fill(10)];
  const perSecond = [...fps, ...Array(20).fill(30)];
  const frameTimes = perSecond.flatMap((count, second) =>
    frames(0, 1000, 1000 / count).map((ms) => second * 1000 + ms)
  );
  let bytesReceived = 0;
  const seconds = perSecond.map((_, second) => {
    const isFree = second < 20 || second >= 46;
    bytesReceived += isFree ? 300_000 : 100_000;
    return { at: second * 1000 + 500, bytesReceived };
  });
  const now = perSecond.length * 1000;
  const steps = { rate: 30, narrowed: 20, freed: 40 };
  const { recovery } = recoveryFigures(
    reading({ frameTimes, seconds, now }),
    steps,
  );
  assert(recovery! >= 3 && recovery! <= 6, `${recovery}`);
  const never = recoveryFigures(
    reading({ frameTimes, seconds: seconds.slice(0, 45), now }),
    steps,
  );
  assertEquals(never.recovery, Infinity);
});

Deno.test("medianFigures() takes each figure of the runs that have it", () => {
  const runs = [
    { fps: 10, frozenMs: 100 },
    { fps: 30 },
    { fps: 20, frozenMs: 300 },
  ];
  assertEquals(medianFigures(runs), { fps: 20, frozenMs: 200 });
});

Deno.test("pictureFigures() of no frame says nothing", () => {
  assertEquals(pictureFigures([], 1000), {});
  assertAlmostEquals(pictureFigures([0, 50, 100], 150).fps!, 20);
});
