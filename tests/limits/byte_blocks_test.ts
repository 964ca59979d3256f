import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ByteBlocks } from "../../lib/limits/byte_blocks.ts";
import { ITEM_BYTES } from "../../lib/limits/held_bytes.ts";

function blocksOf(pieces: Uint8Array[]): ByteBlocks {
  const blocks = new ByteBlocks();
  for (const piece of pieces) blocks.append(piece);
  return blocks;
}

const pieces = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    fc.uint8Array({ maxLength: 9_000, size: "max" }),
  ),
  { maxLength: 40 },
);

Deno.test("ByteBlocks joins what came, in its order", () => {
  fc.assert(fc.property(fc.array(pieces, { maxLength: 4 }), (runs) => {
    const blocks = new ByteBlocks();
    for (const run of runs) blocks.appendAll(blocksOf(run));
    const all = runs.flat().flatMap((piece) => [...piece]);
    assertEquals([...blocks.join()], all);
    assertEquals(blocks.length, all.length);
  }));
});

Deno.test("ByteBlocks goes on behind what it took over", () => {
  const blocks = blocksOf([Uint8Array.of(1)]);
  blocks.appendAll(blocksOf([Uint8Array.of(2), Uint8Array.of(3)]));
  blocks.append(Uint8Array.of(4));
  assertEquals([...blocks.join()], [1, 2, 3, 4]);
});

Deno.test("ByteBlocks holds little more than came, of bytes one by one too", () => {
  const blocks = new ByteBlocks();
  for (let i = 0; i < 1_000_000; i++) blocks.append(Uint8Array.of(i));
  assert(blocks.heldBytes < 1_000_000 + 20 * ITEM_BYTES + 65_536);
});

Deno.test("ByteBlocks counts the buffer that a small piece keeps", () => {
  const packet = new Uint8Array(60_000);
  const blocks = blocksOf([packet.subarray(5, 6)]);
  assert(blocks.join().buffer.byteLength < 10);
  assert(blocks.heldBytes <= ITEM_BYTES + 10);
});

Deno.test("ByteBlocks copies no single piece", () => {
  const piece = new Uint8Array(5_000);
  assertStrictEquals(blocksOf([piece]).join().buffer, piece.buffer);
});
