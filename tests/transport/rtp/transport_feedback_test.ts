import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Arrival,
  ArrivalClock,
  readTransportFeedback,
  writeTransportFeedback,
} from "../../../lib/transport/rtp/transport_feedback.ts";

const NEAR = 2 ** 16;

/** A body by hand: base 2, and a reference time of 1 x 64 ms. */
function body(packets: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(0, 2, packets >> 8, packets & 0xff, 0, 0, 1, 9, ...rest);
}

const arrivalsOf = (bytes: Uint8Array) =>
  readTransportFeedback(bytes, NEAR)?.arrivals;

Deno.test("A run of packets is read (section 3.1.3)", () => {
  // Three with small deltas, of 1, 0 and 63.75 ms.
  assertEquals(readTransportFeedback(body(3, 0x20, 3, 4, 0, 255), NEAR), {
    count: 9,
    base: NEAR + 2,
    arrivals: [65, 65, 128.75],
  });
  // Two that didn't come, in a run that is longer than what is told of.
  assertEquals(arrivalsOf(body(2, 0x1f, 0xff)), [undefined, undefined]);
});

Deno.test("A vector of one-bit symbols is read (section 3.1.4)", () => {
  // 10 0100000 00000 of which 4 are told of.
  const arrivals = [64.25, undefined, undefined, 64.5];
  assertEquals(arrivalsOf(body(4, 0xa4, 0, 1, 1)), arrivals);
});

Deno.test("A vector of two-bit symbols is read, with negative deltas", () => {
  // 11 01 00 10 10 00 00 00: small, missing, large, large.
  const arrivals = [65, undefined, 64.75, 64.75 + 8191.75];
  assertEquals(
    arrivalsOf(body(4, 0xd2, 0x80, 4, 0xff, 0xff, 0x7f, 0xff)),
    arrivals,
  );
  // The most negative delta there is.
  assertEquals(arrivalsOf(body(1, 0x40, 1, 0x80, 0)), [64 - 8192]);
});

Deno.test("Chunks of all sorts follow each other", () => {
  const chunks = [0x20, 2, 0xbf, 0xff, 0xd5, 0x55];
  const deltas = Array(23).fill(4);
  const arrivals = arrivalsOf(body(2 + 14 + 7, ...chunks, ...deltas));
  assertEquals(arrivals?.length, 23);
  assertEquals(arrivals?.[2], 67);
  assertEquals(arrivals?.at(-1), 64 + 23);
});

Deno.test("A reference time is signed, and of 24 bits", () => {
  const bytes = body(1, 0x20, 1, 0);
  bytes.set([0xff, 0xff, 0xff], 4);
  assertEquals(arrivalsOf(bytes), [-64]);
});

Deno.test("What isn't well-formed is no feedback", () => {
  const malformed = {
    "nothing": new Uint8Array(0),
    "no chunk": body(1),
    "half a chunk": body(1, 0x20),
    "a run of none": body(1, 0x20, 0, 0, 0),
    "a run of none, and another": body(1, 0x20, 0, 0x20, 1, 4),
    "deltas that aren't there": body(2, 0x20, 2, 1),
    "half a delta": body(1, 0x40, 1, 1),
    "a symbol that is reserved": body(1, 0x60, 1, 1, 1),
    "one in a vector": body(1, 0xf0, 0, 1, 1),
    "too many packets": body(0xffff, ...Array(8).fill([0x1f, 0xff]).flat()),
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    assertEquals(readTransportFeedback(bytes, NEAR), undefined, name);
  }
});

Deno.test("Bytes of any sort and length are read or not, and soon", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      // Not more packets than that most bodies are of.
      if (bytes.length > 3) bytes[2] &= 0x1f;
      const feedback = readTransportFeedback(bytes, NEAR);
      if (feedback === undefined) return;
      const { arrivals } = feedback;
      assertEquals(arrivals.length, bytes[2] << 8 | bytes[3]);
      assert(arrivals.every((at) => at === undefined || Number.isFinite(at)));
    }),
    { numRuns: 3_000 },
  );
});

/** Arrivals in the order of their numbers. */
const anyArrivals = fc.array(
  fc.record({
    // Some in a row, some after holes.
    step: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
    ms: fc.oneof(
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.double({ min: -8_000, max: 8_000, noNaN: true }),
    ),
  }),
  { minLength: 1, maxLength: 150 },
).map((steps) => {
  let number = NEAR + 100;
  let at = 1e6;
  return steps.map(({ step, ms }): Arrival => {
    number += step;
    at = Math.max(0, at + ms);
    return { number, at };
  });
});

Deno.test("What is written is read, to a quarter of a millisecond", () => {
  fc.assert(fc.property(anyArrivals, fc.nat(255), (given, count) => {
    const base = given[0].number - 3;
    const { body, arrivals } = writeTransportFeedback(base, given, count);
    assertEquals(body.length % 4, 0);
    assert(arrivals >= 1);
    const feedback = readTransportFeedback(body, base)!;
    assertEquals([feedback.count, feedback.base], [count, base]);
    const came = feedback.arrivals
      .map((at, i) => ({ number: base + i, at }))
      .filter(({ at }) => at !== undefined);
    assertEquals(
      came.map(({ number }) => number),
      given.slice(0, arrivals).map(({ number }) => number),
    );
    const { at: first } = given[0];
    came.forEach(({ at }, i) => {
      // The reference time has no more than 24 bits.
      const wrapped = at! - came[0].at!;
      assert(Math.abs(wrapped - (given[i].at - first)) <= 0.25);
    });
  }));
});

Deno.test("What comes in order takes a byte each, and a chunk for all", () => {
  const given = Array.from({ length: 100 }, (_, i) => ({
    number: NEAR + i,
    at: 64_000 + i,
  }));
  const { body, arrivals } = writeTransportFeedback(NEAR, given, 0);
  assertEquals([body.length, arrivals], [112, 100]);
});

Deno.test("A body fits a datagram, however many packets came", () => {
  // Every third is missing, and each other one takes two bytes.
  const given = Array.from({ length: 4_000 }, (_, i) => ({
    number: NEAR + Math.floor(i * 1.5),
    at: 64_000 + 100 * i,
  }));
  for (let at = 0; at < given.length;) {
    const rest = given.slice(at);
    const { body, arrivals } = writeTransportFeedback(rest[0].number, rest, 0);
    assert(body.length <= 1_150, `${body.length} bytes`);
    assert(arrivals > 0);
    at += arrivals;
  }
});

Deno.test("ArrivalClock goes on where the reference time wraps", () => {
  const clock = new ArrivalClock();
  const wrap = 2 ** 24 * 64;
  // As the reader has them: of 24 bits, signed.
  const read = (at: number) => {
    const turns = Math.round(at / wrap);
    return at - turns * wrap;
  };
  let at = wrap / 2 - 1_000;
  const first = clock.unwrap(read(at));
  for (let i = 1; i <= 100; i++) {
    at += 50;
    assertEquals(clock.unwrap(read(at)) - first, i * 50);
  }
  // A packet that is told of late.
  assertEquals(clock.unwrap(read(at - 4_500)) - first, 500);
});
