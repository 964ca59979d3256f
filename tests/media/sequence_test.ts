import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { extendSequence, sequenceDistance } from "../../lib/media/sequence.ts";

Deno.test("sequenceDistance() is the shorter way, and signed", () => {
  assertEquals(sequenceDistance(65_535, 0), 1);
  assertEquals(sequenceDistance(0, 65_535), -1);
  assertEquals(sequenceDistance(10, 32_777), 32_767);
  assertEquals(sequenceDistance(10, 32_778), -32_768);
  assertEquals(sequenceDistance(3 * 65_536 + 65_535, 2), 3);
});

Deno.test("extendSequence() finds any number near the one that is known", () => {
  const near = fc.integer({ min: 2 ** 16, max: 2 ** 50 });
  const step = fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 });
  fc.assert(fc.property(near, step, (near, step) => {
    const number = near + step;
    assertEquals(extendSequence(near, number % 2 ** 16), number);
  }));
});
