import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ReceivedTsns } from "../../../lib/transport/sctp/received_tsns.ts";

Deno.test("ReceivedTsns tells how each TSN relates to those before", () => {
  const tsns = new ReceivedTsns(100);
  assertEquals(tsns.add(101), "in-order");
  assertEquals(tsns.add(101), "duplicate");
  assertEquals(tsns.add(104), "opens-gap");
  assertEquals(tsns.add(105), "extends");
  assertEquals(tsns.add(108), "opens-gap");
  assertEquals(tsns.add(104), "duplicate");
  assertEquals(tsns.gapBlocks(9), [[3, 4], [7, 7]]);
  assertEquals(tsns.gapBlocks(1), [[3, 4]]);
  assertEquals(tsns.add(103), "fills-gap");
  assertEquals(tsns.cumulative, 101);
  assertEquals(tsns.add(102), "fills-gap");
  assertEquals(tsns.cumulative, 105);
  assertEquals(tsns.highest, 108);
  assertEquals(tsns.gapBlocks(9), [[3, 3]]);
});

Deno.test("ReceivedTsns.forward() takes what was given up as received", () => {
  const tsns = new ReceivedTsns(0);
  for (const tsn of [3, 4, 7]) tsns.add(tsn);
  tsns.forward(2);
  assertEquals(tsns.cumulative, 4);
  assertEquals(tsns.gapBlocks(9), [[3, 3]]);
  tsns.forward(1);
  assertEquals(tsns.cumulative, 4);
});

Deno.test("ReceivedTsns bounds the number of gaps", () => {
  const tsns = new ReceivedTsns(0);
  let tsn = 2;
  while (tsns.add(tsn) !== "refused") tsn += 2;
  assertEquals(tsn / 2, 2049);
  // It wasn't noted, and can come again.
  tsns.add(1);
  assertEquals(tsns.add(tsn), "opens-gap");
});

Deno.test("ReceivedTsns keeps the same book as a set does", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 }),
      (order) => {
        const tsns = new ReceivedTsns(0);
        const seen = new Set<number>();
        for (const tsn of order) {
          assertEquals(tsns.add(tsn) === "duplicate", seen.has(tsn));
          seen.add(tsn);
          let cumulative = 0;
          while (seen.has(cumulative + 1)) cumulative++;
          assertEquals(tsns.cumulative, cumulative);
          assertEquals(tsns.highest, Math.max(...seen, cumulative));
          const blocks: [number, number][] = [];
          for (let at = cumulative + 1; at <= 60; at++) {
            if (!seen.has(at)) continue;
            const last = blocks.at(-1);
            if (last?.[1] === at - cumulative - 1) last[1]++;
            else blocks.push([at - cumulative, at - cumulative]);
          }
          assertEquals(tsns.gapBlocks(60), blocks);
          assertEquals(tsns.hasGaps, blocks.length > 0);
        }
      },
    ),
  );
});
