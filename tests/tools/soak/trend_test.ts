import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { trendOf } from "../../../tools/soak/trend.ts";

Deno.test("trendOf tells the slope of the second half alone", () => {
  const samples = Array.from({ length: 100 }, (_, seconds) => ({
    seconds,
    // A steep warm-up, and then half a unit a second, up and down by one.
    value: seconds < 50 ? seconds * 10 : 500 + seconds / 2 + (-1) ** seconds,
  }));
  const { perMinute, rise, mean } = trendOf(samples);
  assertAlmostEquals(perMinute, 30, 0.5);
  assertAlmostEquals(rise, 24.5, 0.5);
  assertAlmostEquals(mean, 537.25, 0.5);
});

Deno.test("trendOf of what stays is nothing", () => {
  const samples = [0, 1, 2, 3].map((seconds) => ({ seconds, value: 7 }));
  const { perMinute, rise, mean } = trendOf(samples);
  assert(perMinute === 0 && rise === 0 && mean === 7);
  assertThrows(() => trendOf(samples.slice(2)), RangeError, "4 samples");
});

Deno.test("peaks rise with a leak, and not with garbage that is taken away", () => {
  const seconds = Array.from({ length: 400 }, (_, i) => i);
  // A tooth of 100 s whose last one began in the middle of the second half.
  const sawtooth = seconds.map((i) => ({
    seconds: i,
    value: 300 + (i * 0.6) % 60,
  }));
  assert(Math.abs(trendOf(sawtooth).peakRise) < 1);
  const leak = sawtooth.map(({ seconds, value }) => ({
    seconds,
    value: value + seconds / 2,
  }));
  assertAlmostEquals(trendOf(leak).peakRise, 75, 30);
});
