/**
 * zstd where `node:zlib` has it: Deno 2.9 and Node.js 22.15 or newer, and no
 * browser.
 */
import {
  constants,
  zstdCompressSync,
  zstdDecompressSync,
  type ZstdOptions,
} from "node:zlib";
import { PointsError } from "./errors.ts";
import type { ZstdCompressor, ZstdDecompressor } from "./zstd.ts";
import { checkZstdContent, readZstdFrame, tooMuchZstd } from "./zstd_frame.ts";

/** Compresses with the platform's own zstd. */
export const zstdCompress: ZstdCompressor = (bytes, level) => {
  // The declared options lack what Node.js documents of them.
  const options: ZstdOptions & { pledgedSrcSize: number } = {
    // ZSTD_compressBound: all of it in one piece.
    chunkSize: bytes.length + (bytes.length >> 8) + 128,
    pledgedSrcSize: bytes.length,
    params: { [constants.ZSTD_c_compressionLevel]: level },
  };
  return plain(zstdCompressSync(bytes, options));
};

/** Decompresses with the platform's own zstd. */
export const zstdDecompress: ZstdDecompressor = (bytes, maxBytes) => {
  const frame = readZstdFrame(bytes, maxBytes);
  const content = decompress(bytes, frame.contentSize ?? maxBytes);
  checkZstdContent(content, frame, maxBytes);
  return content;
};

function decompress(bytes: Uint8Array, expectedBytes: number): Uint8Array {
  // One byte more than needed shows zlib that it is done after one piece.
  const room = Math.max(expectedBytes + 1, 64);
  try {
    return plain(
      zstdDecompressSync(bytes, { chunkSize: room, maxOutputLength: room }),
    );
  } catch (cause) {
    if (cause instanceof RangeError) throw tooMuchZstd(expectedBytes, cause);
    throw new PointsError("header", "Cannot read zstd: damaged", { cause });
  }
}

/** Loops over a Buffer would be compiled apart from those over Uint8Array. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
