import { assert, assertEquals, assertLess } from "@std/assert";
import { Reception } from "../../../lib/transport/rtp/reception.ts";

/** Packets of 20 ms each, of which some come. */
function receive(
  reception: Reception,
  from: number,
  to: number,
  comes: (number: number) => boolean = () => true,
): void {
  for (let number = from; number < to; number++) {
    if (!comes(number)) continue;
    reception.packet(number & 0xffff, (number * 960) >>> 0, number * 20);
  }
}

Deno.test("Reception tells what was lost, in all and lately", () => {
  const reception = new Reception(48_000);
  assertEquals(reception.block(5, 0), undefined);
  receive(reception, 100, 200, (number) => number % 10 !== 5);
  const block = reception.block(5, 0)!;
  assertEquals([block.ssrc, block.lost, block.highest], [5, 10, 199]);
  assertEquals(block.fractionLost, 0.1);
  receive(reception, 200, 300);
  const next = reception.block(5, 0)!;
  assertEquals([next.lost, next.fractionLost, next.highest], [10, 0, 299]);
  // Nothing since.
  assertEquals(reception.block(5, 0)?.fractionLost, 0);
});

Deno.test("Reception extends the highest number over each wrap", () => {
  const reception = new Reception(48_000);
  receive(reception, 65_000, 65_000 + 140_000);
  const block = reception.block(1, 0)!;
  assertEquals([block.highest, block.lost], [65_000 + 139_999, 0]);
});

Deno.test("Order doesn't count, and what comes twice makes up for a loss", () => {
  const reception = new Reception(48_000);
  for (const number of [65_535, 1, 0, 3, 2, 2]) {
    reception.packet(number, 0, 0);
  }
  const block = reception.block(1, 0)!;
  assertEquals([block.highest, block.lost, block.fractionLost], [
    65_539,
    -1,
    0,
  ]);
});

Deno.test("A sender that starts again has lost nothing", () => {
  const reception = new Reception(48_000);
  receive(reception, 100, 200);
  receive(reception, 40_000, 40_100);
  const block = reception.block(1, 0)!;
  assertEquals([block.lost, block.fractionLost, block.highest], [0, 0, 40_099]);
});

Deno.test("Jitter is none at an even pace, over the timestamps' wrap", () => {
  const reception = new Reception(90_000);
  const first = 2 ** 32 - 90_000;
  for (let i = 0; i < 200; i++) {
    reception.packet(i, (first + i * 1_800) >>> 0, 1e9 + i * 20);
  }
  assertLess(reception.block(1, 0)!.jitter, 2);
  // Each second packet is 10 ms late: 900 ticks between two transit times.
  for (let i = 200; i < 500; i++) {
    reception.packet(i, (first + i * 1_800) >>> 0, 1e9 + i * 20 + i % 2 * 10);
  }
  const { jitter } = reception.block(1, 0)!;
  assert(jitter > 850 && jitter < 950, `${jitter} ticks`);
});

Deno.test("The sender's last report is told of, and how long ago it came", () => {
  const reception = new Reception(90_000);
  receive(reception, 0, 10);
  const before = reception.block(1, 500)!;
  assertEquals([before.lastReport, before.sinceLastReport], [0, 0]);
  const report = {
    ssrc: 1,
    ntpTimestamp: 0xe8c0_1234_5678_9abcn,
    rtpTimestamp: 0,
    packets: 0,
    octets: 0,
  };
  reception.senderReport(report, 1_000);
  const after = reception.block(1, 1_250)!;
  assertEquals(after.lastReport, 0x12345678);
  assertEquals(after.sinceLastReport, 65_536 / 4);
});
