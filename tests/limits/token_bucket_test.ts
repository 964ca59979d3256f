import { assertAlmostEquals, assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/limits/token_bucket.ts";

function setUp(rate: number, capacity: number) {
  const clock = { ms: 1000 };
  const bucket = new TokenBucket({ rate, capacity, now: () => clock.ms });
  return { clock, bucket };
}

Deno.test("TokenBucket allows its capacity at once, and then its rate", () => {
  const { clock, bucket } = setUp(2, 5);
  const takes = () => Array.from({ length: 6 }, () => bucket.take());
  assertEquals(takes(), [true, true, true, true, true, false]);
  assertEquals(bucket.waitMs(), 500);
  clock.ms += 499;
  assertEquals(bucket.take(), false);
  clock.ms += 1;
  assertEquals([bucket.take(), bucket.take()], [true, false]);
  clock.ms += 1_000_000;
  assertEquals(takes(), [true, true, true, true, true, false]);
});

Deno.test("TokenBucket takes nothing where there is too little", () => {
  const { clock, bucket } = setUp(10, 10);
  assertEquals([bucket.take(8), bucket.take(3), bucket.take(2)], [
    true,
    false,
    true,
  ]);
  assertAlmostEquals(bucket.waitMs(3), 300);
  clock.ms += 300;
  assertEquals(bucket.take(3), true);
});

Deno.test("TokenBucket without a rate allows all", () => {
  const { bucket } = setUp(Infinity, Infinity);
  assertEquals(bucket.take(Number.MAX_VALUE), true);
  assertEquals(bucket.waitMs(1e9), 0);
});
