import { assertEquals } from "@std/assert";
import {
  markdownTable,
  median,
} from "../../../tools/bench/transport/statistics.ts";

Deno.test("median() is the middle value, whatever their order", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([10, 2, 4, 1]), 3);
  assertEquals(median([7]), 7);
});

Deno.test("markdownTable() aligns its columns", () => {
  assertEquals(
    markdownTable([["a", "long head"], ["longer", "b"]]),
    [
      "| a      | long head |",
      "| ------ | --------- |",
      "| longer | b         |",
    ].join("\n"),
  );
});
