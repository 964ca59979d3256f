import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  admit,
  countRollover,
  type SrtpState,
} from "../../../lib/transport/werift/srtp_index.ts";

/** The index of each packet that is sent, as both ends must have it. */
function indicesOf(numbers: number[]): number[] {
  const state: SrtpState = { rolloverCounter: 0 };
  return numbers.map((number) => {
    countRollover(number & 0xffff, state);
    return state.rolloverCounter * 2 ** 16 + (number & 0xffff);
  });
}

Deno.test("countRollover() counts each wrap, whatever is lost around it", () => {
  assertEquals(indicesOf([65_534, 65_535, 65_536]), [65_534, 65_535, 65_536]);
  // More than werift's hundred on both sides.
  assertEquals(indicesOf([65_000, 66_200]), [65_000, 66_200]);
  assertEquals(
    indicesOf([40_000, 70_000, 100_000, 130_000, 140_000]).at(-1),
    140_000,
  );
});

Deno.test("countRollover() finds what comes late from before the wrap", () => {
  const numbers = [65_300, 65_700, 65_400, 65_535, 65_690, 65_536, 66_000];
  assertEquals(indicesOf(numbers), numbers);
});

Deno.test("countRollover() follows any stream whose steps are below 2^15", () => {
  const steps = fc.array(fc.integer({ min: -1_000, max: 31_000 }), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 2_000, max: 65_535 }),
      steps,
      (first, steps) => {
        const numbers = [first];
        let newest = first;
        for (const step of steps) {
          numbers.push(newest + step);
          newest = Math.max(newest, newest + step);
        }
        assertEquals(indicesOf(numbers), numbers.slice());
      },
    ),
  );
});

Deno.test("admit() takes each packet once, in any order", () => {
  const order = fc.shuffledSubarray(Array.from({ length: 64 }, (_, i) => i));
  fc.assert(fc.property(order, (numbers) => {
    const state: SrtpState = { rolloverCounter: 0 };
    for (const number of numbers) admit(65_500 + number & 0xffff, state);
    for (const number of numbers) {
      const before = { ...state };
      assertThrows(() => admit(65_500 + number & 0xffff, state), RangeError);
      assertEquals(state, before);
    }
  }));
});

Deno.test("admit() refuses what is too old to be told from a replay", () => {
  const state: SrtpState = { rolloverCounter: 0 };
  admit(100, state);
  admit(10_000, state);
  assertThrows(() => admit(101, state), RangeError, "101");
  assertThrows(() => admit(10_000 - 2048, state), RangeError);
  admit(10_000 - 2047, state);
});
