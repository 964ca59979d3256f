import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { WindowedMax } from "../../../lib/transport/sctp/windowed_filter.ts";

Deno.test("WindowedMax keeps the largest value for as long as the window", () => {
  const filter = new WindowedMax(10);
  assertEquals(filter.value, 0);
  filter.update(1, 50);
  filter.update(4, 30);
  filter.update(8, 40);
  assertEquals(filter.value, 50);
  filter.update(12, 20);
  assertEquals(filter.value, 40);
  filter.update(19, 10);
  assertEquals(filter.value, 20);
  filter.update(40, 5);
  assertEquals(filter.value, 5);
});

Deno.test("WindowedMax is never above the window's largest, nor below the last", () => {
  const step = fc.record({
    by: fc.integer({ min: 0, max: 6 }),
    value: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const filter = new WindowedMax(10);
    const all: { at: number; value: number }[] = [];
    let at = 0;
    for (const { by, value } of steps) {
      at += by;
      all.push({ at, value });
      filter.update(at, value);
      const inWindow = all.filter((each) => at - each.at <= 10);
      assert(filter.value <= Math.max(...inWindow.map((each) => each.value)));
      assert(filter.value >= value);
    }
  }));
});
