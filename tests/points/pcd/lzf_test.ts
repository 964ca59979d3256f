import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PointsError } from "../../../lib/points/errors.ts";
import { lzfCompress, lzfDecompress } from "../../../lib/points/pcd/lzf.ts";
import { assertRefused, concat, utf8 } from "../file_clouds.ts";

Deno.test("lzf: a literal run is read", () => {
  assertEquals(lzfDecompress(concat(bytes(2), "abc"), 3), utf8("abc"));
});

Deno.test("lzf: a short back reference is read", () => {
  // 3 literals; 4 bytes from 3 bytes back.
  const input = concat(bytes(2), "abc", bytes(2 << 5, 2));
  assertEquals(lzfDecompress(input, 7), utf8("abcabca"));
});

Deno.test("lzf: a long back reference may reach into its own output", () => {
  // 1 literal; 9 + 255 bytes from 1 byte back.
  const input = concat(bytes(0), "z", bytes(7 << 5, 255, 0));
  assertEquals(lzfDecompress(input, 265), utf8("z".repeat(265)));
});

Deno.test("lzf: a back reference of 8,192 bytes is the farthest", () => {
  const head = new Uint8Array(8192).map((_, i) => i * 7 ^ i >> 8);
  const literals = [];
  for (let i = 0; i < head.length; i += 32) {
    literals.push(bytes(31), head.subarray(i, i + 32));
  }
  const input = concat(...literals, bytes(1 << 5 | 0x1f, 0xff));
  const output = lzfDecompress(input, 8195);
  assertEquals(output.subarray(8192), head.subarray(0, 3));
});

Deno.test("lzf: what compresses well takes about 3 bytes in 264", () => {
  const zeros = new Uint8Array(264 * 100);
  assert(lzfCompress(zeros).length < 3 * 100 + 10);
});

Deno.test("lzf: what doesn't compress grows by one byte in 32 at most", () => {
  const noise = new Uint32Array(4096).map((_, i) =>
    Math.imul(i ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(i, 0x85ebca6b) >>> 9
  );
  const input = new Uint8Array(noise.buffer);
  assert(lzfCompress(input).length <= input.length * 33 / 32);
});

Deno.test("lzf: any bytes come back", () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.array(fc.nat(3), { maxLength: 2000 }).map((all) => Uint8Array.from(all)),
    fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 400 }))
      .map(([part, times]) => concat(...Array(times).fill(part))),
  );
  fc.assert(fc.property(some, (input) => {
    const compressed = lzfCompress(input);
    assert(compressed.length <= input.length + Math.ceil(input.length / 32));
    assertEquals(lzfDecompress(compressed, input.length), input);
  }));
});

Deno.test("lzf: what repeats just within reach, or just out of it, comes back", () => {
  for (let distance = 8189; distance < 8197; distance++) {
    for (let start = 0; start < 16; start++) {
      const word = bytes(start, start + 1, start + 2, start + 3);
      const between = new Uint8Array(distance - word.length).map((_, i) =>
        32 + Math.imul(i ^ start, 0x9e3779b1) >>> 25
      );
      const input = concat(word, between, word);
      assertEquals(lzfDecompress(lzfCompress(input), input.length), input);
    }
  }
});

Deno.test("lzf: any other bytes are refused, or are what was promised", () => {
  const lengths = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), lengths, (input, length) => {
      try {
        assertEquals(lzfDecompress(input, length).length, length);
      } catch (error) {
        assert(error instanceof PointsError, `${error}`);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("lzf: runs outside input and output are refused by offset", () => {
  const refused = (input: Uint8Array, length: number, ...words: string[]) =>
    assertRefused(() => lzfDecompress(input, length), "length", ...words);
  refused(concat(bytes(5), "ab"), 6, "byte 0", "past the input's 3 bytes");
  refused(concat(bytes(0), "a", bytes(0x20)), 4, "byte 2", "past the input");
  refused(concat(bytes(0), "a", bytes(0xe0, 1)), 9, "byte 2", "the input");
  refused(concat(bytes(0), "a", bytes(0x20, 1)), 4, "byte 2", "1 bytes before");
  refused(concat(bytes(1), "ab"), 1, "byte 0", "past the 1 bytes expected");
  refused(concat(bytes(0), "a", bytes(0x40, 0)), 3, "byte 2", "3 bytes");
  refused(concat(bytes(0), "a"), 2, "holds 1 bytes, expected 2");
});

Deno.test("lzf: more than can be in the input is refused at once", () => {
  assertRefused(
    () => lzfDecompress(bytes(0xe0, 255, 0), 0xffffffff),
    "length",
    "4294967295 bytes can't come of 3",
  );
});

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}
