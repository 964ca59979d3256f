import { assertEquals } from "@std/assert";
import {
  firstTsn,
  unwrapTsn,
  wrapTsn,
} from "../../../lib/transport/sctp/tsn.ts";

Deno.test("unwrapTsn() finds the nearest to the reference, over the wrap", () => {
  const reference = firstTsn(0xffff_fffe);
  assertEquals(unwrapTsn(0xffff_fffe, reference), reference);
  assertEquals(unwrapTsn(1, reference), reference + 3);
  assertEquals(unwrapTsn(0xffff_fff0, reference + 3), reference - 14);
  assertEquals(unwrapTsn(0, firstTsn(0x7fff_ffff)), firstTsn(0));
});

Deno.test("wrapTsn() undoes it, and leaves room below the first", () => {
  for (const tsn of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    assertEquals(wrapTsn(firstTsn(tsn)), tsn);
  }
  assertEquals(wrapTsn(firstTsn(0) - 1), 0xffff_ffff);
});
