import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  addOffsets,
  ClockComparison,
  offsetOf,
} from "../../lib/wire/clock_offset.ts";

/** One exchange at `origin`, of so many milliseconds each way. */
function exchange(
  origin: number,
  { ahead, there, back }: { ahead: number; there: number; back: number },
) {
  const receive = origin + there + ahead;
  const transmit = receive + 3;
  return { origin, receive, transmit, arrival: transmit - ahead + back };
}

Deno.test("offsetOf() is never wrong by more than it says", () => {
  for (const ahead of [-5_000, -1, 0, 20, 86_400_000]) {
    for (const [there, back] of [[1, 1], [80, 2], [0, 40], [0, 0]]) {
      const sample = exchange(1_000_000, { ahead, there, back });
      const { offset, error } = offsetOf(sample);
      assert(Math.abs(offset - ahead) <= error, `${ahead} ${there} ${back}`);
      assertEquals(error, (there + back) / 2 + 1);
    }
  }
});

Deno.test("ClockComparison keeps the quickest exchange, while it is new", () => {
  const clock = new ClockComparison();
  assertEquals(clock.best, undefined);
  const ahead = 250;
  assert(clock.add(exchange(0, { ahead, there: 90, back: 10 })));
  assertEquals(clock.best, { offset: 290, error: 51 });
  assert(clock.add(exchange(1_000, { ahead, there: 4, back: 4 })));
  assertEquals(clock.best, { offset: 250, error: 5 });
  assert(!clock.add(exchange(2_000, { ahead, there: 5, back: 4 })));
  // Clocks drift: 50 ms in a thousand seconds.
  assert(clock.add(exchange(1_001_000, { ahead: 260, there: 5, back: 4 })));
  assertAlmostEquals(clock.best!.offset, 260.5);
});

Deno.test("ClockComparison believes that a clock was set", () => {
  const clock = new ClockComparison();
  clock.add(exchange(0, { ahead: 0, there: 1, back: 1 }));
  assert(!clock.add(exchange(1_000, { ahead: 0, there: 40, back: 40 })));
  assert(clock.add(exchange(2_000, { ahead: 3_600_000, there: 40, back: 40 })));
  assertEquals(clock.best!.offset, 3_600_000);
});

Deno.test("addOffsets() adds what may be wrong, too", () => {
  const [a, b] = [{ offset: 5, error: 1 }, { offset: -20, error: 2 }];
  assertEquals(addOffsets(a, b), { offset: -15, error: 3 });
});
