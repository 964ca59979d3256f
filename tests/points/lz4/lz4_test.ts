import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import { lz4Compress, lz4Decompress } from "../../../lib/points/lz4/lz4.ts";
import { countAllocated } from "../allocations.ts";

function assertRefused(
  bytes: number[],
  maxBytes: number,
  reason: PointsErrorReason,
): void {
  const error = assertThrows(
    () => lz4Decompress(Uint8Array.from(bytes), maxBytes),
    PointsError,
  );
  assertEquals(error.reason, reason, error.message);
}

Deno.test("lz4Decompress reads the format's sequences", () => {
  const text = (bytes: number[], maxBytes = 1000) =>
    new TextDecoder().decode(lz4Decompress(Uint8Array.from(bytes), maxBytes));
  assertEquals(text([0x00]), "");
  assertEquals(text([0x30, 97, 98, 99]), "abc");
  // A copy of 4 from 2 before, then 1 literal.
  assertEquals(text([0x20, 97, 98, 2, 0, 0x10, 99]), "abababc");
  // 15 + 255 + 3 literals.
  const long = Array.from({ length: 273 }, () => 120);
  assertEquals(text([0xf0, 255, 3, ...long]), "x".repeat(273));
  // A copy of 4 + 15 + 1 from 1 before.
  assertEquals(text([0x1f, 122, 1, 0, 1, 0x10, 33]), "z".repeat(21) + "!");
});

Deno.test("lz4Decompress refuses what is no block", () => {
  assertRefused([], 100, "length");
  assertRefused([0x30, 97, 98], 100, "length");
  assertRefused([0xf0, 255], 100, "length");
  assertRefused([0x20, 97, 98, 2], 100, "length");
  assertRefused([0x20, 97, 98, 2, 0], 100, "length");
  assertRefused([0x2f, 97, 98, 2, 0, 255], 100, "length");
  assertRefused([0x20, 97, 98, 0, 0, 0], 100, "header");
  assertRefused([0x20, 97, 98, 3, 0, 0], 100, "header");
  assertRefused([0x30, 97, 98, 99], 2, "too-large");
  assertRefused([0x20, 97, 98, 2, 0, 0x00], 5, "too-large");
});

Deno.test("lz4Compress writes blocks that end as the format asks", () => {
  const bytes = lz4Compress(new Uint8Array(1000).fill(7));
  assert(bytes.length < 20, `${bytes.length} bytes`);
  // The last sequence: a token of 5 literals, and those.
  assertEquals([...bytes.subarray(-6)], [0x50, 7, 7, 7, 7, 7]);
});

Deno.test("lz4Decompress gives back what lz4Compress took", () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 600 }).map((bytes) =>
      Uint8Array.from(bytes)
    ),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(3000)).map(
      ([bytes, length]) =>
        Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]),
    ),
  );
  fc.assert(
    fc.property(fc.array(some, { maxLength: 4 }), (parts) => {
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      const block = lz4Compress(bytes).slice();
      assertEquals(lz4Decompress(block, bytes.length), bytes);
      if (bytes.length === 0) return;
      assertThrows(() => lz4Decompress(block, bytes.length - 1), PointsError);
      assertThrows(
        () => lz4Decompress(block.subarray(0, -1), 1e6),
        PointsError,
      );
    }),
    { numRuns: 300 },
  );
  const large = Uint8Array.from({ length: 300_000 }, (_, i) => i * i >> 7 & 15);
  const block = lz4Compress(large).slice();
  assertEquals(lz4Decompress(block, large.length), large);
});

Deno.test("lz4Decompress throws nothing but PointsError, and takes no more memory than its input justifies", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const allocated = countAllocated(() => {
        try {
          lz4Decompress(bytes, 1e9);
        } catch (error) {
          assert(error instanceof PointsError, `${error}`);
        }
      });
      assert(allocated <= 255 * bytes.length, `${allocated} bytes`);
    }),
    { numRuns: 5000 },
  );
});
