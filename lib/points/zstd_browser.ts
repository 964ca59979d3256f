/** zstd decompression in plain JavaScript: for browsers, which have none. */
import { Decompress } from "fzstd";
import { PointsError } from "./errors.ts";
import type { ZstdDecompressor } from "./zstd.ts";
import { checkZstdContent, readZstdFrame, tooMuchZstd } from "./zstd_frame.ts";

/** Decompresses with `fzstd`, block by block, so that a bomb is stopped. */
export const zstdDecompress: ZstdDecompressor = (bytes, maxBytes) => {
  const frame = readZstdFrame(bytes, maxBytes);
  let content = new Uint8Array(frame.contentSize ?? maxBytes);
  let length = 0;
  const decompressor = new Decompress((block) => {
    if (length + block.length > content.length) {
      throw tooMuchZstd(content.length);
    }
    content.set(block, length);
    length += block.length;
  });
  try {
    decompressor.push(bytes, true);
  } catch (cause) {
    if (cause instanceof PointsError) throw cause;
    throw new PointsError("header", "Cannot read zstd: damaged", { cause });
  }
  content = content.subarray(0, length);
  checkZstdContent(content, frame, maxBytes);
  return content;
};
