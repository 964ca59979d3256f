import { assertEquals } from "@std/assert";
import { SessionRates } from "../../lib/viewer/session_rates.ts";

Deno.test("SessionRates gives the frames a second of each session", () => {
  const rates = new SessionRates();
  const at = (
    now: number,
    a: number,
    b: number,
  ) => [
    ...rates.update([{ id: "a", frames: a }, { id: "b", frames: b }], now),
  ];
  assertEquals(at(0, 0, 100), []);
  assertEquals(at(1_000, 0, 110), []);
  assertEquals(at(3_000, 0, 130), [["b", 10]]);
  assertEquals(at(4_000, 4, 140), [["b", 10]]);
  assertEquals(at(7_000, 16, 141), [["a", 4], ["b", 2.8]]);
  assertEquals([...rates.update([{ id: "b", frames: 141 }], 8_000)], [[
    "b",
    2.8,
  ]]);
  assertEquals(at(9_000, 100, 141), [["b", 2.8]]);
});
