/** zstd decompression in WebAssembly, for runtimes without a zstd: browsers. */
import { ZSTDDecoder } from "zstddec";
import { PointsError } from "../errors.ts";
import { checkZstdContent, readZstdFrame } from "./frame.ts";
import type { Zstd } from "./types.ts";

/** Loads the reference decoder, which has no compressor beside it. */
export async function loadWasmZstd(): Promise<Zstd> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return {
    compress() {
      throw new PointsError(
        "unsupported",
        "Cannot compress with zstd: this runtime has no zstd of its own",
      );
    },
    decompress(bytes, maxBytes) {
      const frame = readZstdFrame(bytes, maxBytes);
      const content = decoder.decode(bytes, frame.contentSize ?? maxBytes);
      // The decoder fails with an empty result.
      if (content.length === 0 && frame.contentSize !== 0) {
        throw new PointsError("header", "Cannot read zstd: damaged");
      }
      checkZstdContent(content, frame, maxBytes);
      return content;
    },
  };
}
