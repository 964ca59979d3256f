import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Arrivals } from "../../../lib/transport/rtp/arrivals.ts";
import { readTransportFeedback } from "../../../lib/transport/rtp/transport_feedback.ts";

/** What all feedbacks say of each packet, in order: when it came, if so. */
function told(arrivals: Arrivals): [number, number | undefined][] {
  return [...arrivals.take()].flatMap((body) => {
    const { base, arrivals } = readTransportFeedback(body, 2 ** 16)!;
    return arrivals.map((at, i): [number, number | undefined] => [
      (base + i) & 0xffff,
      at,
    ]);
  });
}

Deno.test("Arrivals tell what came and what is missing, over the wrap", () => {
  const arrivals = new Arrivals();
  assert(arrivals.isEmpty);
  for (const number of [65_533, 65_534, 0, 2]) {
    arrivals.add(number, 64 + number % 8);
  }
  assert(!arrivals.isEmpty);
  assertEquals(told(arrivals), [
    [65_533, 69],
    [65_534, 70],
    [65_535, undefined],
    [0, 64],
    [1, undefined],
    [2, 66],
  ]);
  assert(arrivals.isEmpty);
});

Deno.test("Arrivals go on where the last feedback ended", () => {
  const arrivals = new Arrivals();
  arrivals.add(7, 64);
  assertEquals(told(arrivals), [[7, 64]]);
  arrivals.add(10, 65);
  assertEquals(told(arrivals), [[8, undefined], [9, undefined], [10, 65]]);
  assertEquals(told(arrivals), []);
});

Deno.test("One that was missing is told of alone when it comes", () => {
  const arrivals = new Arrivals();
  for (const number of [1, 3, 6]) arrivals.add(number, 64);
  told(arrivals);
  for (const number of [2, 4, 5, 8]) arrivals.add(number, 65);
  // Of 3 and 6 it was said that they came: nothing says otherwise.
  assertEquals(told(arrivals), [
    [2, 65],
    [4, 65],
    [5, 65],
    [7, undefined],
    [8, 65],
  ]);
});

Deno.test("A packet that comes twice is told of once", () => {
  const arrivals = new Arrivals();
  arrivals.add(1, 64);
  arrivals.add(1, 70);
  assertEquals(told(arrivals), [[1, 64]]);
});

Deno.test("Each packet that came is told of, in whatever order it came", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 3_000 }), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 50 }), (numbers, every) => {
      const arrivals = new Arrivals();
      const came = new Set<number>();
      numbers.forEach((number, i) => {
        arrivals.add((number + 65_000) & 0xffff, 1_000 + i);
        if (i % every !== 0) return;
        for (const [n, at] of told(arrivals)) {
          if (at !== undefined) assert(!came.has(n), `${n} twice`);
          if (at === undefined) assert(!came.has(n), `${n} came, and didn't`);
          else came.add(n);
        }
      });
      for (const [n, at] of told(arrivals)) if (at !== undefined) came.add(n);
      assertEquals(came, new Set(numbers.map((n) => (n + 65_000) & 0xffff)));
    }),
  );
});

Deno.test("A packet that comes an hour later needs a feedback of its own", () => {
  const arrivals = new Arrivals();
  arrivals.add(1, 64);
  arrivals.add(2, 3_600_064);
  const [first, second] = [...arrivals.take()];
  assertEquals(readTransportFeedback(first, 1)?.arrivals, [64]);
  assertEquals(readTransportFeedback(second, 1)?.arrivals, [3_600_064]);
});

Deno.test("Numbers that jump without sense take few feedbacks, and no end", () => {
  const arrivals = new Arrivals();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20_000; i++) arrivals.add((i * 30_011) & 0xffff, 64);
    const bodies = [...arrivals.take()];
    assert(bodies.length <= 32, `${bodies.length} feedbacks`);
    for (const body of bodies) assert(body.length <= 1_150);
  }
  // And what makes sense again is told of.
  const [last] = [...bodiesAfter(arrivals)];
  assertEquals(readTransportFeedback(last, 0)?.arrivals.at(-1), 128);
});

function bodiesAfter(arrivals: Arrivals): Iterable<Uint8Array> {
  arrivals.add((19_999 * 30_011 + 1) & 0xffff, 128);
  return arrivals.take();
}
