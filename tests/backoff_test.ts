import { assert, assertEquals } from "@std/assert";
import { Backoff } from "../lib/backoff.ts";

/** The longest times: chance shortens none. */
const longest = { random: () => 0 };

Deno.test("Backoff doubles the time from try to try, up to a limit", () => {
  const backoff = new Backoff({ ...longest, firstMs: 100, maxMs: 500 }, 7);
  let now = 7;
  const waits = Array.from({ length: 6 }, () => {
    const wait = backoff.next(now);
    now += wait;
    return wait;
  });
  assertEquals(waits, [0, 100, 200, 400, 500, 500]);
  assertEquals(backoff.tries, 6);
});

Deno.test("Backoff shortens each time by up to a half, at random", () => {
  for (const [random, expected] of [[0, 100], [0.5, 75], [1, 50]]) {
    const backoff = new Backoff({ firstMs: 100, random: () => random }, 0);
    assertEquals([backoff.next(0), backoff.next(0)], [0, expected]);
  }
  const own = new Backoff({ firstMs: 100, tries: 1 }, 0).next(0);
  assert(own > 50 && own <= 100, `${own}`);
});

Deno.test("Backoff counts from try to try: a long one is followed at once", () => {
  const backoff = new Backoff({ ...longest, firstMs: 100 }, 0);
  backoff.next(0);
  assertEquals(backoff.next(40), 60);
  assertEquals(backoff.next(5000), 0);
});

Deno.test("Backoff goes on with the tries of before", () => {
  const options = { ...longest, firstMs: 100, tries: 3 };
  assertEquals(new Backoff(options, 0).next(0), 400);
});

Deno.test("Backoff is over after its budget, but for one try", () => {
  const backoff = new Backoff({ ...longest, budgetMs: 1200 }, 0);
  backoff.next(0);
  assertEquals(backoff.next(0), 500);
  // The last is early enough to have some time.
  assertEquals(backoff.next(500), 200);
  assertEquals([backoff.isOver(700), backoff.isOver(701)], [false, true]);

  const short = new Backoff({ budgetMs: 1 }, 0);
  assertEquals([short.isOver(0), short.next(0)], [false, 0]);
  assert(!new Backoff({}, 0).isOver(1e12));
});

Deno.test("Backoff starts anew after a success, but not at once", () => {
  const backoff = new Backoff({ ...longest, firstMs: 100 }, 0);
  for (let i = 0; i < 5; i++) backoff.next(0);
  backoff.reset(10_000);
  assertEquals(backoff.next(10_000), 100);
  assertEquals(backoff.next(10_100), 200);
});
