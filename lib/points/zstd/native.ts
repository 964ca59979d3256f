/** zstd where the runtime has it: Deno 2.9 and Node.js 22.15, or newer. */
import { PointsError } from "../errors.ts";
import { checkZstdContent, readZstdFrame, tooMuchZstd } from "./frame.ts";
import type { Zstd } from "./types.ts";

/** What is used of the runtime's module `zlib`. */
interface Zlib {
  constants: { ZSTD_c_compressionLevel: number };
  zstdCompressSync(bytes: Uint8Array, options: {
    chunkSize: number;
    pledgedSrcSize: number;
    params: Record<number, number>;
  }): Uint8Array;
  zstdDecompressSync(bytes: Uint8Array, options: {
    chunkSize: number;
    maxOutputLength: number;
  }): Uint8Array;
}

/** The global scope of a runtime that has built-in modules, or has none. */
interface Runtime {
  process?: { getBuiltinModule?(name: "zlib"): Partial<Zlib> | undefined };
}

/** Finds the runtime's own zstd; a browser has none. */
export function findNativeZstd(): Zstd | undefined {
  // Asked for, not imported: a browser can't load a module that imports it.
  const { process } = globalThis as Runtime;
  const zlib = process?.getBuiltinModule?.("zlib");
  return zlib !== undefined && hasZstd(zlib) ? createZstd(zlib) : undefined;
}

function hasZstd(zlib: Partial<Zlib>): zlib is Zlib {
  return zlib.zstdCompressSync !== undefined;
}

function createZstd(zlib: Zlib): Zstd {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib;

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

  return {
    compress: (bytes, level) =>
      plain(zstdCompressSync(bytes, {
        // ZSTD_compressBound: all of it in one piece.
        chunkSize: bytes.length + (bytes.length >> 8) + 128,
        pledgedSrcSize: bytes.length,
        params: { [constants.ZSTD_c_compressionLevel]: level },
      })),
    decompress(bytes, maxBytes) {
      const frame = readZstdFrame(bytes, maxBytes);
      const content = decompress(bytes, frame.contentSize ?? maxBytes);
      checkZstdContent(content, frame, maxBytes);
      return content;
    },
  };
}

/** Loops over a Buffer would be compiled apart from those over Uint8Array. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
