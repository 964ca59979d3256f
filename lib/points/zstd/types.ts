/**
 * Compresses bytes to one zstd frame (RFC 8878) that says its content's size.
 *
 * The result is valid until the next call, and never shares memory with
 * `bytes`.
 */
export type ZstdCompressor = (bytes: Uint8Array, level: number) => Uint8Array;

/**
 * Decompresses one zstd frame, which is all of `bytes`. The result is valid
 * until the next call.
 *
 * @throws {PointsError} `too-large` before more than `maxBytes` are
 * decompressed, `length` when the frame is cut off or is followed by more,
 * `header` when it is damaged; a browser can't tell damage from a frame that is
 * too large and doesn't say its size.
 */
export type ZstdDecompressor = (
  bytes: Uint8Array,
  maxBytes: number,
) => Uint8Array;

/** zstd as a runtime has it. */
export interface Zstd {
  readonly compress: ZstdCompressor;
  readonly decompress: ZstdDecompressor;
}
