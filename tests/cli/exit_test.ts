import { assertEquals } from "@std/assert";
import { createRepeatCheck } from "../../lib/cli/exit.ts";

/** Asks at each of the times, milliseconds, whether it is a repeat. */
function repeatsAt(times: number[]): boolean[] {
  let at = 0;
  const isRepeat = createRepeatCheck(() => at);
  return times.map((time) => {
    at = time;
    return isRepeat();
  });
}

Deno.test("a signal that comes again within 300 ms is the same one", () => {
  assertEquals(repeatsAt([1000, 1001, 1299]), [false, true, true]);
});

Deno.test("a signal that comes again after 300 ms is another one", () => {
  assertEquals(repeatsAt([1000, 1300, 1600]), [false, false, false]);
});

Deno.test("somebody who holds Ctrl-C down is heard again", () => {
  const repeats = repeatsAt([0, 100, 200, 300, 400, 500, 600]);
  const heard = repeats.filter((isRepeat) => !isRepeat).length;
  assertEquals(heard, 3);
});

Deno.test("the first signal counts, whatever the clock says", () => {
  assertEquals(repeatsAt([0]), [false]);
  assertEquals(repeatsAt([12]), [false]);
});
