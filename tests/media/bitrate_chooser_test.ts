import { assertEquals } from "@std/assert";
import { BitrateChooser } from "../../lib/media/bitrate_chooser.ts";

const RANGE = { least: 150_000, most: 6_000_000 };

/** The changes that come of wishes, as seen every 100 ms: `[ms, bitrate]`. */
function changesOf(
  wishes: Record<number, number>,
  until: number,
  chooser = new BitrateChooser(RANGE),
): [number, number][] {
  const changes: [number, number][] = [];
  for (let ms = 0; ms <= until; ms += 100) {
    if (wishes[ms] !== undefined) chooser.want(wishes[ms]);
    if (chooser.changes(ms)) changes.push([ms, chooser.current]);
  }
  return changes;
}

Deno.test("BitrateChooser begins at the most, or at what is wanted", () => {
  assertEquals(new BitrateChooser(RANGE).current, 6_000_000);
  assertEquals(new BitrateChooser(RANGE, 500_000).current, 500_000);
  assertEquals(new BitrateChooser(RANGE, 1).current, 150_000);
});

Deno.test("BitrateChooser goes down at once, and not twice in 500 ms", () => {
  const wishes = { 300: 2_000_000, 400: 1_000_000, 900: 950_000 };
  assertEquals(changesOf(wishes, 3000), [[300, 2_000_000], [800, 1_000_000]]);
});

Deno.test("BitrateChooser goes up by what was wanted for a second", () => {
  const wishes = { 0: 1_000_000, 1000: 3_000_000, 1500: 2_000_000 };
  assertEquals(changesOf(wishes, 3000), [[0, 1_000_000], [2000, 2_000_000]]);
});

Deno.test("BitrateChooser forgets more that was wanted for less", () => {
  const wishes = {
    0: 1_000_000,
    2000: 3_000_000,
    2500: 1_100_000,
    2600: 3_000_000,
  };
  assertEquals(changesOf(wishes, 5000), [[0, 1_000_000], [3600, 3_000_000]]);
});

Deno.test("BitrateChooser takes two seconds from change to change upward", () => {
  const wishes = { 0: 1_000_000, 100: 2_000_000, 1100: 4_000_000 };
  const changes = changesOf(wishes, 6000);
  assertEquals(changes, [[0, 1e6], [2000, 2e6], [4000, 4e6]]);
});

Deno.test("BitrateChooser leaves small changes alone, and knows its ends", () => {
  const wishes = {
    0: 5_500_000,
    1000: 1,
    3000: 170_000,
    6000: Infinity,
    9000: NaN,
  };
  assertEquals(changesOf(wishes, 10_000), [[1000, 150_000], [7000, 6_000_000]]);
});
