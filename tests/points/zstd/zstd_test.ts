import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { constants, zstdCompressSync } from "node:zlib";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import type { ZstdDecompressor } from "../../../lib/points/zstd/types.ts";
import {
  zstdCompress,
  zstdDecompress as node,
} from "../../../lib/points/zstd/zstd.ts";
import { loadWasmZstd } from "../../../lib/points/zstd/wasm.ts";
import { countAllocated } from "../allocations.ts";

const { compress, decompress: browser } = await loadWasmZstd();

/** Both, so that a browser refuses just what Deno refuses. */
const DECOMPRESSORS: Record<string, ZstdDecompressor> = { node, browser };

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

function assertRefused(
  decompress: ZstdDecompressor,
  bytes: Uint8Array,
  maxBytes: number,
  reason: PointsErrorReason,
): void {
  const error = assertThrows(() => decompress(bytes, maxBytes), PointsError);
  assertEquals(error.reason, reason, error.message);
}

/** Of a frame that doesn't say its size a browser can't tell what is wrong. */
function withoutSize(
  decompress: ZstdDecompressor,
  reason: PointsErrorReason,
): PointsErrorReason {
  return decompress === browser ? "header" : reason;
}

/** Bytes that compress well, but not to nothing. */
function text(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * i >> 5) % 61);
}

/** A block's header, as RFC 8878, section 3.1.1.2. */
function blockHeader(type: number, size: number, last = false): number[] {
  const header = size << 3 | type << 1 | Number(last);
  return [header & 255, header >> 8 & 255, header >> 16];
}

/** A frame of 128 KiB blocks of one byte, which says nothing of its size. */
function bomb(blocks: number): Uint8Array {
  const frame = [...MAGIC, 0, 0x58];
  for (let i = 1; i <= blocks; i++) {
    frame.push(...blockHeader(1, 128 * 1024, i === blocks), 1);
  }
  return Uint8Array.from(frame);
}

Deno.test("zstdCompress() says its content's size", () => {
  for (const size of [0, 1, 255, 256, 300, 70_000, 500_000]) {
    const frame = zstdCompress(text(size), 1);
    const single = (frame[4] & 0x20) !== 0;
    assert(single || frame[4] >> 6 > 0, `${size}`);
  }
});

Deno.test("Where there is no zstd but WebAssembly's, nothing is compressed", () => {
  const error = assertThrows(() => compress(text(5), 1), PointsError);
  assertEquals(error.reason, "unsupported");
});

for (const [name, decompress] of Object.entries(DECOMPRESSORS)) {
  Deno.test(`zstdDecompress() in ${name} reads what was compressed`, () => {
    for (const size of [0, 1, 15, 256, 4000, 140_000, 500_000]) {
      for (const level of [1, 3, 12, 19, -5]) {
        const frame = zstdCompress(text(size), level);
        assertEquals(decompress(frame, size), text(size));
        assertEquals(decompress(frame, size + 1), text(size));
      }
    }
  });

  Deno.test(`zstdDecompress() in ${name} reads frames without size, with checksum`, () => {
    for (const size of [0, 1, 5000, 300_000]) {
      const frame = zstdCompressSync(text(size), {
        params: { [constants.ZSTD_c_checksumFlag]: 1 },
      });
      assertEquals(decompress(frame, Math.max(size, 1)), text(size));
      if (size < 2) continue;
      const reason = withoutSize(decompress, "too-large");
      assertRefused(decompress, frame, size - 1, reason);
    }
  });

  Deno.test(`zstdDecompress() in ${name} reads at most what it may`, () => {
    const frame = zstdCompress(text(10_000), 1);
    assertRefused(decompress, frame, 9999, "too-large");
    assertRefused(decompress, frame, 0, "too-large");
  });

  Deno.test(`zstdDecompress() in ${name} stops bombs`, () => {
    const huge = Uint8Array.of(
      ...MAGIC,
      0xe0,
      ...new Uint8Array(BigUint64Array.of(2n ** 40n).buffer),
      ...blockHeader(1, 10, true),
      1,
    );
    const window = Uint8Array.of(...MAGIC, 0, 0xa0, ...blockHeader(0, 0, true));
    const bombs = [bomb(500), bomb(100_000)];
    const allocated = countAllocated(() => {
      const reason = withoutSize(decompress, "too-large");
      assertRefused(decompress, bombs[0], 500_000, reason);
      assertRefused(decompress, bombs[1], 500_000, "header");
      assertRefused(decompress, huge, 500_000, "too-large");
      assertRefused(decompress, window, 500_000, "unsupported");
    });
    assert(allocated < 1_000_000, `${allocated} bytes`);
  });

  Deno.test(`zstdDecompress() in ${name} refuses any truncation, and more`, () => {
    const frame = zstdCompress(text(2000), 1);
    for (let length = 0; length < frame.length; length++) {
      const reason = length < 5 ? "header" : "length";
      const cut = frame.subarray(0, length);
      assertRefused(decompress, cut, 10_000, reason);
    }
    const twice = Uint8Array.from([...frame, ...frame]);
    assertRefused(decompress, twice, 10_000, "length");
  });

  Deno.test(`zstdDecompress() in ${name} refuses a frame that lies about its size`, () => {
    const frame = zstdCompress(text(2000), 1);
    const lie = frame.slice();
    lie[5 + Number((frame[4] & 0x20) === 0)]++;
    assertThrows(() => decompress(lie, 10_000), PointsError);
  });

  Deno.test(`zstdDecompress() in ${name} refuses a dictionary`, () => {
    const frame = Uint8Array.of(
      ...MAGIC,
      0x21,
      7,
      0,
      ...blockHeader(0, 0, true),
    );
    assertRefused(decompress, frame, 10, "unsupported");
  });

  Deno.test(`zstdDecompress() in ${name} reads any bytes or throws PointsError`, () => {
    const frames = [0, 5, 300, 5000].map((size) => zstdCompress(text(size), 1));
    const mutated = fc.tuple(
      fc.constantFrom(...frames),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    ).map(([frame, changes]) => {
      const bytes = frame.slice();
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
    const arbitrary = fc.uint8Array({ maxLength: 200 }).map((bytes) =>
      Uint8Array.of(...MAGIC, ...bytes)
    );
    fc.assert(
      fc.property(fc.oneof(mutated, arbitrary), (bytes) => {
        try {
          assert(decompress(bytes, 6000).length <= 6000);
        } catch (error) {
          assert(error instanceof PointsError, `${error}`);
        }
      }),
      { numRuns: 1000 },
    );
  });
}
