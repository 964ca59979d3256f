/**
 * zstd wherever this runs: the runtime's own, or where it has none, as in a
 * browser, a decompressor in WebAssembly.
 */
import { findNativeZstd } from "./native.ts";
import type { Zstd } from "./types.ts";

// At import, so that decoding needs no promise; WebAssembly is loaded only
// where it is needed.
const zstd: Zstd = findNativeZstd() ??
  await (await import("./wasm.ts")).loadWasmZstd();

/**
 * Compresses bytes to one zstd frame (RFC 8878) that says its content's size.
 *
 * @param bytes What is compressed; the result never shares memory with it.
 * @param level As zstd counts levels: 1 is fast, 19 is small, and below 0 is
 * faster than 1.
 * @returns The frame, valid until the next call.
 * @throws {PointsError} `unsupported` in a browser, which has no compressor.
 *
 * @example
 * ```ts
 * import { zstdCompress, zstdDecompress } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array(1000);
 * const frame = zstdCompress(bytes, 1);
 * assertEquals(zstdDecompress(frame, 1000), bytes);
 * ```
 */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  return zstd.compress(bytes, level);
}

/**
 * Decompresses one zstd frame (RFC 8878), which is all of `bytes`.
 *
 * @param bytes One whole frame, with no dictionary and a window of at most
 * 8 MiB.
 * @param maxBytes The most bytes that may come out.
 * @returns The content, valid until the next call.
 * @throws {PointsError} `too-large` before more than `maxBytes` are
 * decompressed, `length` when the frame is cut off or is followed by more,
 * `header` when it is damaged, `unsupported` for a dictionary or a larger
 * window; a browser can't tell damage from a frame that is too large and
 * doesn't say its size.
 *
 * @example
 * ```ts
 * import { zstdCompress, zstdDecompress } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const frame = zstdCompress(new Uint8Array([1, 2, 3]), 1);
 * assertEquals(zstdDecompress(frame, 100), new Uint8Array([1, 2, 3]));
 * ```
 */
export function zstdDecompress(
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array {
  return zstd.decompress(bytes, maxBytes);
}
