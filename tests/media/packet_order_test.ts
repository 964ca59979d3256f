import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { PacketOrder } from "../../lib/media/packet_order.ts";
import type { RtpPacketView } from "../../lib/media/rtp.ts";

const WINDOW = 64;

/** A stream in which each tenth packet begins a frame. */
class Stream {
  /** What the sink was told: sequence numbers, and words. */
  readonly told: (number | string)[] = [];
  readonly order: PacketOrder;

  constructor(window = WINDOW) {
    this.order = new PacketOrder(
      window,
      ({ payload }) => payload[0] === 0,
      ({ sequenceNumber }) => sequenceNumber % 50 === 0,
      {
        packet: ({ sequenceNumber }) => this.told.push(sequenceNumber),
        hole: (count) => this.told.push(`hole ${count}`),
        restart: () => this.told.push("restart"),
        duplicate: () => this.told.push("duplicate"),
        stray: () => this.told.push("stray"),
      },
    );
  }

  /** Pushes packets, each with the number as its time unless there is one. */
  push(numbers: number[], now = 0): void {
    for (const number of numbers) this.order.push(packetOf(number), now);
  }

  /** What was told since the last time. */
  take(): (number | string)[] {
    return this.told.splice(0);
  }

  get missing(): number[] {
    return [...this.order.missing()].map(({ number }) => number & 0xffff);
  }
}

function packetOf(number: number): RtpPacketView {
  return {
    sequenceNumber: number & 0xffff,
    timestamp: (number * 300) >>> 0,
    marker: false,
    payload: Uint8Array.of(number % 10),
  };
}

Deno.test("Packets in order are handed on at once, over the wrap", () => {
  const stream = new Stream();
  stream.push([65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 65_537]);
  assertEquals(stream.take(), [
    65_530,
    65_531,
    65_532,
    65_533,
    65_534,
    65_535,
    0,
    1,
  ]);
  assertEquals(stream.order.missingSince, Infinity);
});

Deno.test("What is missing is waited for, and known with its time", () => {
  const stream = new Stream();
  stream.push([65_530, 65_534], 100);
  stream.push([65_538], 200);
  assertEquals(stream.take(), [65_530]);
  assertEquals(stream.order.missingSince, 100);
  assertEquals(
    [...stream.order.missing()].map((
      { number, since },
    ) => [number & 0xffff, since]),
    [65_531, 65_532, 65_533, 65_535, 0, 1].map((number) => [
      number,
      number < 65_534 && number > 65_530 ? 100 : 200,
    ]),
  );
  stream.push([65_533, 65_531], 300);
  assertEquals(stream.take(), [65_531]);
  assertEquals(stream.missing, [65_532, 65_535, 0, 1]);
  stream.push([65_532], 400);
  assertEquals(stream.take(), [65_532, 65_533, 65_534]);
  assertEquals(stream.order.missingSince, 200);
});

Deno.test("What is missing for too long is given up, and nothing else", () => {
  const stream = new Stream();
  stream.push([10, 11], 0);
  stream.push([14], 100);
  stream.push([16, 17], 150);
  stream.take();
  stream.order.expire(100);
  assertEquals(stream.take(), []);
  stream.order.expire(101);
  assertEquals(stream.take(), ["hole 2", 14]);
  assertEquals(stream.missing, [15]);
  stream.order.expire(Infinity);
  assertEquals(stream.take(), ["hole 1", 16, 17]);
  assertEquals([stream.missing, stream.order.missingSince], [[], Infinity]);
  // It comes after all: nobody wants it.
  stream.push([12], 500);
  assertEquals(stream.take(), []);
});

Deno.test("A whole keyframe ends the wait for what is before it", () => {
  const stream = new Stream();
  stream.push([40, 42], 0);
  stream.push([50], 10);
  stream.take();
  stream.order.resume(20);
  assertEquals(stream.take(), [], "it may not be whole yet");
  stream.push([51, 53], 10);
  stream.order.resume(0);
  assertEquals(stream.take(), [], "a repair may still come");
  stream.order.resume(5);
  assertEquals(stream.take(), ["hole 1", 42, "hole 7", 50, 51]);
  // Behind it is nothing that can be gone on at.
  stream.order.resume(100);
  assertEquals([stream.take(), stream.missing], [[], [52]]);
});

Deno.test("A long hole is given up in one go", () => {
  const stream = new Stream(2_048);
  stream.push([10], 0);
  stream.push([2_000], 100);
  stream.take();
  stream.order.expire(200);
  assertEquals(stream.take(), ["hole 1989", 2_000]);
});

Deno.test("More packets than are held give the oldest hole up", () => {
  const stream = new Stream();
  stream.push([10, 12], 0);
  stream.take();
  stream.push(Array.from({ length: WINDOW - 1 }, (_, i) => 13 + i), 1);
  assertEquals(stream.take(), []);
  stream.push([13 + WINDOW - 1], 2);
  assertEquals(stream.take().slice(0, 3), ["hole 1", 12, 13]);
});

Deno.test("A stream begins where a frame begins, or after a while", () => {
  const stream = new Stream();
  stream.push([13, 14], 0);
  assertEquals([stream.take(), stream.missing], [[], []]);
  stream.push([20, 21], 10);
  assertEquals(stream.take(), [20, 21]);
  const other = new Stream();
  other.push([13, 14], 0);
  assertEquals(other.order.missingSince, 0);
  other.order.expire(80);
  assertEquals(other.take(), [13, 14]);
});

Deno.test("What is missing after a beginning that came late is known", () => {
  const stream = new Stream();
  // 10 begins the frame, 11 is lost, and 12 came first.
  stream.push([12, 10], 5);
  assertEquals(stream.take(), [10]);
  assertEquals([...stream.order.missing()].map(({ since }) => since), [5]);
  assertEquals(stream.missing, [11]);
});

Deno.test("A packet counts once", () => {
  const stream = new Stream();
  stream.push([10, 11, 11, 13, 13, 12, 12, 10], 0);
  assertEquals(stream.take(), [
    10,
    11,
    "duplicate",
    "duplicate",
    12,
    13,
    "duplicate",
    "duplicate",
  ]);
});

Deno.test("A number that jumps is believed when another confirms it", () => {
  const stream = new Stream();
  stream.push([10, 11, 30_000, 12], 0);
  assertEquals(stream.take(), [10, 11, 12, "stray"]);
  stream.push([30_000, 30_001], 0);
  assertEquals(stream.take(), ["restart", 30_000, 30_001]);
});

Deno.test("Repeated packets that come very late don't restart a stream", () => {
  const stream = new Stream(2_048);
  stream.push([10], 0);
  stream.push(Array.from({ length: 1_800 }, (_, i) => 20 + i), 0);
  stream.order.expire(1);
  stream.take();
  stream.push([12, 13], 2);
  stream.push([1_820], 3);
  assertEquals(stream.take(), [1_820]);
});

Deno.test("Whatever order they come in, packets are handed on in theirs", () => {
  const delays = fc.array(fc.integer({ min: -1, max: 60 }), {
    minLength: 1,
    maxLength: 300,
  });
  const first = fc.integer({ min: 65_300, max: 65_600 });
  fc.assert(fc.property(first, delays, (first, delays) => {
    const stream = new Stream(2_048);
    const start = Math.ceil(first / 10) * 10;
    stream.push([start], 0);
    // Those with a negative delay are lost.
    const coming = delays.map((delay, i) => ({
      number: start + 1 + i,
      at: i + delay,
      delay,
    }))
      .filter(({ delay }) => delay >= 0)
      .sort((a, b) => a.at - b.at);
    for (const { number, at } of coming) {
      stream.push([number], at);
      const known = new Set(stream.missing);
      for (const lost of known) assertEquals(stream.told.includes(lost), false);
    }
    stream.order.expire(Infinity);
    const packets = stream.told.filter((each) => typeof each === "number");
    const expected = [
      start,
      ...coming.map(({ number }) => number).sort((a, b) => a - b),
    ];
    assertEquals(packets, expected.map((number) => number & 0xffff));
    assertEquals(stream.missing, []);
  }));
});

Deno.test("Numbers of any sort take bounded room and little time", () => {
  const numbers = fc.array(fc.nat(65_535), { maxLength: 400 });
  fc.assert(
    fc.property(numbers, (numbers) => {
      const stream = new Stream();
      numbers.forEach((number, i) => {
        stream.push([number], i);
        assertLess(stream.missing.length, WINDOW + 1);
        if (i % 7 === 0) stream.order.expire(i - 20);
      });
      stream.order.flush();
      assertEquals(stream.order.missingSince, Infinity);
      const packets = stream.told.filter((each) => typeof each === "number");
      assert(packets.length <= numbers.length);
    }),
    { numRuns: 300 },
  );
});
