import { assertEquals } from "@std/assert";
import {
  PlayoutDelay,
  playoutDelayValue,
} from "../../../lib/transport/rtp/playout_delay.ts";

Deno.test("Pictures are held back where packets are repaired again and again", () => {
  const delay = new PlayoutDelay();
  delay.repaired(0);
  delay.repaired(1_000);
  // Two may have been an accident.
  assertEquals(delay.at(1_000, 100), 0);
  delay.repaired(2_000);
  assertEquals(delay.at(2_000, 100), 175);
  assertEquals(delay.at(2_000, 0), 50);
  assertEquals(delay.at(2_000, 10_000), 500);
  assertEquals(delay.at(20_000, 100), 175);
  assertEquals(delay.at(20_001, 100), 0);
});

Deno.test("The header extension has 12 bits of either, in units of 10 ms", () => {
  assertEquals(playoutDelayValue(0), 0x0003e8);
  assertEquals(playoutDelayValue(175), 0x0123e8);
});
