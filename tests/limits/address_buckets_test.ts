import { assertEquals, assertStrictEquals } from "@std/assert";
import { AddressBuckets } from "../../lib/limits/address_buckets.ts";

const OPTIONS = { rate: 1, capacity: 1, now: () => 0 };

Deno.test("AddressBuckets has a bucket for each address", () => {
  const buckets = new AddressBuckets(OPTIONS);
  assertEquals(buckets.of("a").take(), true);
  assertEquals(buckets.of("a").take(), false);
  assertEquals(buckets.of("b").take(), true);
  assertStrictEquals(buckets.of("b"), buckets.of("b"));
});

Deno.test("AddressBuckets forgets the least recently used address", () => {
  const buckets = new AddressBuckets(OPTIONS, 3);
  const [a, b] = ["a", "b", "c"].map((key) => buckets.of(key));
  assertStrictEquals(buckets.of("a"), a);
  buckets.of("d");
  assertStrictEquals(buckets.of("a"), a);
  assertEquals(buckets.of("b") === b, false);
});

Deno.test("AddressBuckets remembers only so many", () => {
  const buckets = new AddressBuckets(OPTIONS, 100);
  for (let i = 0; i < 10_000; i++) buckets.of(`${i}`);
  assertEquals(buckets.size, 100);
});
