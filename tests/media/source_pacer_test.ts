import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { SourcePacer } from "../../lib/media/source_pacer.ts";

interface Item {
  name: string;
  seconds: number;
}

/** Delivers into a list, until as many are there as are expected. */
function collect(holdMs: number, expected: number) {
  const delivered: (Item & { at: number })[] = [];
  const all = Promise.withResolvers<void>();
  const pacer = new SourcePacer<Item>({
    holdMs,
    deliver(item) {
      delivered.push({ ...item, at: performance.now() });
      if (delivered.length === expected) all.resolve();
    },
  });
  return { pacer, delivered, all: all.promise };
}

Deno.test("SourcePacer delivers by time of capture, not by arrival", async () => {
  const { pacer, delivered, all } = collect(100, 4);
  const sound = [0, 0.02, 0.04].map((seconds) => ({ name: "sound", seconds }));
  for (const item of sound) void pacer.push(item);
  void pacer.push({ name: "picture", seconds: 0.01 });
  await all;
  assertEquals(delivered.map(({ name }) => name), [
    ...["sound", "picture", "sound", "sound"],
  ]);
});

Deno.test("SourcePacer delivers nothing before it is due", async () => {
  const { pacer, delivered, all } = collect(50, 3);
  const from = performance.now();
  for (const seconds of [5, 5.1, 5.05]) {
    void pacer.push({ name: "sound", seconds });
  }
  await all;
  for (const { at, seconds } of delivered) {
    // A timer may be a millisecond early.
    assertGreaterOrEqual(at - from, 50 + 1000 * (seconds - 5) - 2);
  }
});

Deno.test("SourcePacer has room again when what came too early is due", async () => {
  const { pacer, delivered } = collect(0, Infinity);
  await pacer.push({ name: "now", seconds: 0 });
  await pacer.push({ name: "too early", seconds: 0.6 });
  assertEquals(delivered.map(({ name }) => name), ["now"]);
  pacer.stop();
});

Deno.test("SourcePacer delivers nothing once it is stopped", async () => {
  const { pacer, delivered } = collect(1000, Infinity);
  const waiting = pacer.push({ name: "far", seconds: 0 });
  const tooEarly = pacer.push({ name: "too early", seconds: 100 });
  pacer.stop();
  await Promise.all([waiting, tooEarly]);
  await pacer.push({ name: "late", seconds: 0 });
  assertEquals(delivered, []);
});
