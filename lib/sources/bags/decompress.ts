import { PointsError } from "../../points/errors.ts";
import { lz4DecompressFrame } from "../../points/lz4/frame.ts";
import { zstdDecompress } from "../../points/zstd/zstd.ts";

/** Most bytes of a part of a bag that is decompressed at once. */
export const MAX_CHUNK_BYTES = 512 * 1024 * 1024;

/**
 * Decompresses a part of a bag.
 *
 * @param compression as MCAP and ROS 1's bags name it; none is "" or "none".
 * @returns the content, which nobody changes.
 * @throws {PointsError} `too-large` for more than 512 MiB, `unsupported` for
 * another compression, else what the decompressor throws.
 */
export function decompress(
  bytes: Uint8Array,
  compression: string,
  size: number,
): Uint8Array {
  if (size > MAX_CHUNK_BYTES) {
    throw new PointsError(
      "too-large",
      `a chunk of ${size} bytes, and at most ${MAX_CHUNK_BYTES} are read`,
    );
  }
  switch (compression) {
    case "":
    case "none":
      return bytes;
    case "lz4":
      return lz4DecompressFrame(bytes, size);
    case "zstd":
      // What comes out of zstd is valid until the next call.
      return zstdDecompress(bytes, size).slice();
  }
  throw new PointsError(
    "unsupported",
    `a chunk compressed with "${compression.slice(0, 32)}", expected lz4 or ` +
      "zstd",
  );
}
