import { assertEquals, assertNotEquals } from "@std/assert";
import { checksumF32 } from "../../lib/points/checksum.ts";

/** Values with the given bit patterns. */
function words(...bits: number[]): Float32Array {
  return new Float32Array(Uint32Array.from(bits).buffer);
}

Deno.test("checksumF32() of nothing is FNV-1a's offset basis", () => {
  assertEquals(checksumF32(new Float32Array(0)), 0x811c9dc5);
});

Deno.test("checksumF32() is FNV-1a over 32-bit words", () => {
  // Computed with unbounded integers: (hash ^ word) * prime mod 2^32.
  const inputs = [[0], [1], [0xffffffff], [0x3f800000, 0xbf800000, 7]];
  for (const input of inputs) {
    const expected = input.reduce(
      (hash, word) => (hash ^ BigInt(word)) * 0x01000193n % 2n ** 32n,
      0x811c9dc5n,
    );
    assertEquals(checksumF32(words(...input)), Number(expected));
  }
});

Deno.test("checksumF32() is a uint32", () => {
  for (let i = 0; i < 1000; i++) {
    const sum = checksumF32(words(i, i * 0x9e3779b9));
    assertEquals(sum, sum >>> 0);
  }
});

Deno.test("checksumF32() tells bit patterns apart, not values", () => {
  assertNotEquals(checksumF32(words(0)), checksumF32(words(0x80000000)));
  assertNotEquals(
    checksumF32(words(0x7fc00000)),
    checksumF32(words(0x7fc00001)),
  );
});

Deno.test("checksumF32() depends on the order and on the number", () => {
  const sums = [[1, 2, 3], [3, 2, 1], [1, 2], [1, 2, 3, 0]];
  const seen = new Set(sums.map((input) => checksumF32(words(...input))));
  assertEquals(seen.size, sums.length);
});

Deno.test("checksumF32() reads a view at an offset of its buffer", () => {
  const view = words(9, 1, 2, 9).subarray(1, 3);
  assertEquals(checksumF32(view), checksumF32(words(1, 2)));
});
