/** zstd decompression in WebAssembly: for browsers, which have none of their own. */
import { ZSTDDecoder } from "zstddec";
import { PointsError } from "./errors.ts";
import type { ZstdDecompressor } from "./zstd.ts";
import { checkZstdContent, readZstdFrame } from "./zstd_frame.ts";

const decoder = new ZSTDDecoder();
await decoder.init();

/**
 * Decompresses with the reference decoder, which tells by an empty result that
 * it failed.
 */
export const zstdDecompress: ZstdDecompressor = (bytes, maxBytes) => {
  const frame = readZstdFrame(bytes, maxBytes);
  const content = decoder.decode(bytes, frame.contentSize ?? maxBytes);
  if (content.length === 0 && frame.contentSize !== 0) {
    throw new PointsError("header", "Cannot read zstd: damaged");
  }
  checkZstdContent(content, frame, maxBytes);
  return content;
};
