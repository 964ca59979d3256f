import { assertEquals } from "@std/assert";
import { ntpTimeAt } from "../../lib/media/rtp_clock.ts";

/** Two seconds past the NTP epoch, as a 64-bit NTP timestamp. */
const NTP = 2n << 32n;

Deno.test("A pair of clocks is carried on, over the wrap of the RTP timestamp", () => {
  const clock = { ntpTimestamp: NTP, rtpTimestamp: 0xffff_ffff };
  assertEquals(ntpTimeAt(clock, 44_999, 90_000), NTP + (1n << 31n));
  assertEquals(ntpTimeAt(clock, 0xffff_ffff, 90_000), NTP);
});

Deno.test("A pair of clocks is carried back to a packet that is older", () => {
  const clock = { ntpTimestamp: NTP, rtpTimestamp: 12_000 };
  assertEquals(ntpTimeAt(clock, 0, 48_000), NTP - (1n << 30n));
});
