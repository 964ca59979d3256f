import { assertEquals } from "@std/assert";
import { pause } from "../support.ts";
import { Newest } from "../../lib/playing/newest.ts";

interface Value {
  number: number;
}

/** Starts a loop that writes down what it gets. */
function collect(newest: Newest<Value>) {
  const got: number[] = [];
  const done = (async () => {
    for await (const { number } of newest) got.push(number);
  })();
  return { got, done };
}

Deno.test("each loop gets every value that it has time for", async () => {
  const newest = new Newest<Value>();
  const [first, second] = [collect(newest), collect(newest)];
  for (let number = 0; number < 3; number++) {
    newest.set({ number });
    // Each loop takes its value in the turn that follows.
    await pause(0);
  }
  newest.end();
  await Promise.all([first.done, second.done]);
  assertEquals([first.got, second.got], [[0, 1, 2], [0, 1, 2]]);
});

Deno.test("a slow loop gets the newest, and a late one begins with it", async () => {
  const newest = new Newest<Value>();
  const got: number[] = [];
  newest.set({ number: 0 });
  for await (const { number } of newest) {
    got.push(number);
    // What came while it was busy.
    if (number === 0) { for (const n of [1, 2, 3]) newest.set({ number: n }); }
    else break;
  }
  assertEquals(got, [0, 3]);
  const late = collect(newest);
  newest.end();
  await late.done;
  assertEquals(late.got, [3]);
});

Deno.test("the last value is given before the end", async () => {
  const newest = new Newest<Value>();
  const loop = collect(newest);
  newest.set({ number: 7 });
  newest.end();
  newest.set({ number: 8 });
  await loop.done;
  assertEquals(loop.got, [7]);
});

Deno.test("clear() ends each loop at once, also one that is to begin", async () => {
  const newest = new Newest<Value>();
  const waiting = collect(newest);
  await Promise.resolve();
  newest.set({ number: 1 });
  newest.clear();
  await waiting.done;
  const late = collect(newest);
  await late.done;
  assertEquals([waiting.got, late.got], [[], []]);
});
