import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  nack,
  pictureLoss,
  readRtcp,
  receiverReport,
  type ReportBlock,
  type SenderReport,
  senderReport,
  sourceDescription,
  transportWideFeedback,
} from "../../../lib/transport/rtp/rtcp.ts";

/** All that a compound packet says, in order. */
function read(...packets: Uint8Array[]): unknown[] {
  const told: unknown[] = [];
  readRtcp(Uint8Array.from(packets.flatMap((packet) => [...packet])), {
    senderReport: (report) => told.push({ report }),
    reportBlock: (block) => told.push({ block }),
    nack: (ssrc, numbers) => told.push({ nack: ssrc, numbers }),
    keyframeRequest: (ssrc) => told.push({ keyframe: ssrc }),
    transportFeedback: (body) => told.push({ feedback: [...body] }),
    bye: (ssrc) => told.push({ bye: ssrc }),
  });
  return told;
}

const REPORT: SenderReport = {
  ssrc: 0x01020304,
  ntpTimestamp: 0xe8c0_1234_5678_9abcn,
  rtpTimestamp: 0xfffffff0,
  packets: 10,
  octets: 1000,
};

const BLOCK: ReportBlock = {
  ssrc: 5,
  fractionLost: 0.25,
  lost: 7,
  highest: 70_000,
  jitter: 90,
  lastReport: 0x12345678,
  sinceLastReport: 65_536,
};

Deno.test("Reports have the bytes of RFC 3550 section 6.4", () => {
  // deno-fmt-ignore
  assertEquals([...senderReport(REPORT)], [
    0x80, 200, 0, 6,  1, 2, 3, 4,  0xe8, 0xc0, 0x12, 0x34,
    0x56, 0x78, 0x9a, 0xbc,  0xff, 0xff, 0xff, 0xf0,
    0, 0, 0, 10,  0, 0, 0x03, 0xe8,
  ]);
  // deno-fmt-ignore
  assertEquals([...receiverReport(1, [BLOCK])], [
    0x81, 201, 0, 7,  0, 0, 0, 1,  0, 0, 0, 5,  0x40, 0, 0, 7,
    0, 1, 0x11, 0x70,  0, 0, 0, 90,  0x12, 0x34, 0x56, 0x78,
    0, 1, 0, 0,
  ]);
});

Deno.test("A source description ends with a zero, and fits its words", () => {
  for (let length = 0; length <= 9; length++) {
    const name = "x".repeat(length);
    const bytes = sourceDescription(9, name);
    assertEquals([bytes[0], bytes[1], bytes[3]], [
      0x81,
      202,
      bytes.length / 4 - 1,
    ]);
    assertEquals([...bytes.subarray(8, 10)], [1, length]);
    assertEquals(new TextDecoder().decode(bytes.slice(10, 10 + length)), name);
    const rest = bytes.subarray(10 + length);
    assertEquals(
      [rest.length >= 1 && rest.length <= 4, rest.every((b) => !b)],
      [
        true,
        true,
      ],
    );
  }
});

Deno.test("What is written is read, one after the other", () => {
  const body = Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0);
  assertEquals(
    read(
      senderReport(REPORT),
      sourceDescription(1, "name"),
      receiverReport(1, [BLOCK, { ...BLOCK, ssrc: 6, lost: -3 }]),
      nack(1, 2, [65_530, 65_535, 0, 10, 11, 500]),
      pictureLoss(1, 2),
      transportWideFeedback(1, 2, body),
    ),
    [
      { report: REPORT },
      { block: BLOCK },
      { block: { ...BLOCK, ssrc: 6, lost: -3 } },
      { nack: 2, numbers: [65_530, 65_535, 0, 10, 11, 500] },
      { keyframe: 2 },
      { feedback: [...body] },
    ],
  );
});

Deno.test("nack() takes 4 bytes for each number and the 16 after it", () => {
  // deno-fmt-ignore
  assertEquals([...nack(1, 2, [65_534, 65_535, 14, 15])], [
    0x81, 205, 0, 4,  0, 0, 0, 1,  0, 0, 0, 2,
    0xff, 0xfe, 0x80, 0x01,  0, 15, 0, 0,
  ]);
});

Deno.test("Any numbers in order are asked for as they are", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 40 }), {
    minLength: 1,
    maxLength: 256,
  });
  fc.assert(fc.property(fc.nat(65_535), steps, (first, steps) => {
    const numbers = [first];
    for (const step of steps) numbers.push(numbers.at(-1)! + step & 0xffff);
    assertEquals(read(nack(1, 2, numbers)), [{ nack: 2, numbers }]);
  }));
});

Deno.test("A report says no more than its fields hold", () => {
  const extreme = { ...BLOCK, fractionLost: 1, lost: 2 ** 30 };
  assertEquals(read(receiverReport(1, [extreme])), [
    { block: { ...BLOCK, fractionLost: 255 / 256, lost: 0x7fffff } },
  ]);
  const least = { ...BLOCK, lost: -(2 ** 30) };
  assertEquals(read(receiverReport(1, [least])), [
    { block: { ...BLOCK, lost: -0x800000 } },
  ]);
});

Deno.test("Each stream of a full intra request is asked for (RFC 5104)", () => {
  // deno-fmt-ignore
  const fir = Uint8Array.of(
    0x84, 206, 0, 6,  0, 0, 0, 1,  0, 0, 0, 0,
    0, 0, 0, 7, 1, 0, 0, 0,  0, 0, 0, 8, 1, 0, 0, 0,
  );
  assertEquals(read(fir), [{ keyframe: 7 }, { keyframe: 8 }]);
});

Deno.test("BYE names each stream that is over", () => {
  const bye = Uint8Array.of(0x82, 203, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
  assertEquals(read(bye), [{ bye: 3 }, { bye: 4 }]);
  // One that says it has more than it has.
  assertEquals(read(Uint8Array.of(0x9f, 203, 0, 1, 0, 0, 0, 3)), [{ bye: 3 }]);
});

Deno.test("Padding isn't read (RFC 3550 section 6.4.1)", () => {
  const padded = Uint8Array.of(...nack(1, 2, [9]), 0, 0, 0, 4);
  padded[0] |= 0x20;
  padded[3]++;
  assertEquals(read(padded), [{ nack: 2, numbers: [9] }]);
  // More of it than there is packet.
  padded[padded.length - 1] = 200;
  assertEquals(read(padded), []);
});

Deno.test("A request asks for no more packets than anybody misses", () => {
  const words = 16_000;
  const flood = new Uint8Array(12 + 4 * words).fill(0xff);
  flood.set([0x81, 205, (words + 2) >> 8, (words + 2) & 0xff]);
  const [{ numbers }] = read(flood) as { numbers: number[] }[];
  assertEquals(numbers.length <= 1_024 + 16, true);
  const request = nack(1, 2, Array.from({ length: 700 }, (_, i) => i));
  const many = Uint8Array.from(Array(50).fill([...request]).flat());
  const all = (read(many) as { numbers: number[] }[])
    .flatMap(({ numbers }) => numbers);
  assertEquals(all.length <= 1_024 + 16, true, `${all.length}`);
});

Deno.test("Nothing that is cut off or made up throws", () => {
  const packets = [
    senderReport(REPORT),
    receiverReport(1, [BLOCK, BLOCK]),
    nack(1, 2, [1, 2, 3, 40, 80]),
    pictureLoss(1, 2),
    transportWideFeedback(1, 2, new Uint8Array(12)),
  ];
  for (const packet of packets) {
    for (let length = 0; length < packet.length; length++) {
      // Cut off, and told to be as short as it then is.
      assertEquals(read(packet.slice(0, length)), []);
      const short = packet.slice(0, length & ~3);
      if (short.length < 4) continue;
      short[3] = short.length / 4 - 1;
      read(short);
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    if (bytes.length > 1) bytes[0] = bytes[0] & 0x3f | 0x80;
    if (bytes.length > 1) bytes[1] = 200 + bytes[1] % 8;
    read(bytes);
  }));
});
