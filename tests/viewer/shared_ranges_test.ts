import { assertEquals } from "@std/assert";
import { SharedRanges } from "../../lib/viewer/shared_ranges.ts";

Deno.test("a range is of all streams, by what they are coloured by", () => {
  const ranges = new SharedRanges();
  assertEquals(ranges.range("height"), undefined);
  ranges.push("height", 1, { low: 0, high: 4 });
  assertEquals(ranges.range("height"), { low: 0, high: 4 });
  ranges.push("height", 2, { low: 30, high: 40 });
  ranges.push("field:intensity", 2, { low: 5, high: 6 });
  assertEquals(ranges.range("height"), { low: 0, high: 4 + 36 * 0.12 });
  assertEquals(ranges.range("field:intensity"), { low: 5, high: 6 });
  ranges.delete(2);
  assertEquals(ranges.range("field:intensity"), undefined);
  ranges.delete(1);
  ranges.push("height", 3, { low: 7, high: 8 });
  assertEquals(ranges.range("height"), { low: 7, high: 8 });
});
