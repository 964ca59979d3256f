import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { PushedSound } from "../../lib/media/pushed_sound.ts";
import { parseRtp, type RtpPacketView } from "../../lib/media/rtp.ts";
import type { SenderReport } from "../../lib/media/rtp_clock.ts";
import { unixTimeOf } from "../../lib/media/rtp_clock.ts";

/** CELT, one frame of 20 ms; what is behind tells packets apart. */
function packet(number: number): Uint8Array {
  return Uint8Array.of(0xfc, number >> 8, number & 0xff);
}
const START = 1_700_000_000_000;
const TICKS = 960;

/** Sound that was started, and what came of it. */
function taking() {
  const sound = new PushedSound();
  const packets: RtpPacketView[] = [];
  const reports: SenderReport[] = [];
  sound.start({
    onRtp: (_, bytes) => packets.push(parseRtp(bytes)!),
    onSenderReport: (_, report) => reports.push(report),
  });
  /** Ticks from the first packet to the newest. */
  const ticks = () => (packets.at(-1)!.timestamp - packets[0].timestamp) >>> 0;
  /** When the newest packet was captured, as the newest report has it. */
  const captured = () => {
    const { ntpTimestamp, rtpTimestamp } = reports.at(-1)!;
    const since = (packets.at(-1)!.timestamp - rtpTimestamp) | 0;
    return unixTimeOf(ntpTimestamp) + since / 48;
  };
  return { sound, packets, reports, ticks, captured };
}

Deno.test("Packets of sound go on as they are, without a gap", async () => {
  const { sound, packets, ticks, captured } = taking();
  await using _sound = sound;
  for (let i = 0; i < 500; i++) {
    // Stamps of another clock, a tenth of a percent slower, a bit unsteady.
    const captureTime = START + 20.02 * i + (i % 7) / 3;
    sound.push(packet(i), captureTime);
    assertEquals(ticks(), i * TICKS);
    assertAlmostEquals(captured(), captureTime, 5);
  }
  assertEquals(packets.map(({ payload }) => [...payload]), [
    ...packets.keys().map((i) => [...packet(i)]),
  ]);
  const numbers = packets.map(({ sequenceNumber: number }) => number);
  assertEquals(numbers, numbers.map((_, i) => (numbers[0] + i) & 0xffff));
});

Deno.test("Sound that is missing leaves its place free", () => {
  const { sound, ticks, captured } = taking();
  sound.push(packet(0), START);
  sound.push(packet(1), START + 60);
  assertEquals(ticks(), 3 * TICKS);
  // A pause of a minute, as when somebody stops the player.
  sound.push(packet(2), START + 60_080);
  assertEquals(ticks(), 60_080 * 48);
  assertAlmostEquals(captured(), START + 60_080, 0.01);
});

Deno.test("Sound whose time goes back goes on, and its report says so", () => {
  const { sound, reports, ticks, captured } = taking();
  for (let i = 0; i < 10; i++) sound.push(packet(i), START + 20 * i);
  assertEquals(reports.length, 1);
  sound.push(packet(10), START - 60_000);
  assertEquals(ticks(), 10 * TICKS);
  assertEquals(reports.length, 2);
  assertAlmostEquals(captured(), START - 60_000, 0.01);
});

Deno.test("What is no packet of Opus, or too large, isn't taken", () => {
  const { sound, packets } = taking();
  assertThrows(
    () => sound.push(new Uint8Array(), START),
    TypeError,
    "no packet of Opus",
  );
  const large = new Uint8Array(1189);
  large[0] = 0xfc;
  assertThrows(() => sound.push(large, START), TypeError, "takes 1188");
  sound.push(large.subarray(1).fill(0xfc, 0, 1), START);
  assertEquals(packets.length, 1);
});
