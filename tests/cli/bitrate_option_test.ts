import { assertEquals, assertThrows } from "@std/assert";
import { readBitrates } from "../../lib/cli/bitrate_option.ts";
import { UsageError } from "../../lib/cli/options.ts";

Deno.test("readBitrates() reads a range, or one that stays", () => {
  assertEquals(readBitrates("300k-6M"), { least: 300_000, most: 6_000_000 });
  assertEquals(readBitrates("2.5M"), { least: 2_500_000, most: 2_500_000 });
  assertEquals(readBitrates("150000 - 1M"), { least: 150_000, most: 1e6 });
});

Deno.test("readBitrates() says what is wrong", () => {
  const wrong: Record<string, string> = {
    "": "expected MIN-MAX",
    "fast": "expected MIN-MAX",
    "300k-": "expected MIN-MAX",
    "-300k": "expected MIN-MAX",
    "1M-2M-3M": "expected MIN-MAX",
    "300K": "expected MIN-MAX",
    "1e6": "expected MIN-MAX",
    "2M-1M": "its least above its most",
    "6": "6 is no bitrate from 50k to 100M",
    "300k-6000M": "6000M is no bitrate",
  };
  for (const [text, words] of Object.entries(wrong)) {
    assertThrows(() => readBitrates(text), UsageError, words);
  }
});
