import { PointsError } from "../../points/errors.ts";
import { lz4DecompressFrame } from "../../points/lz4/frame.ts";
import { readZstdFrame } from "../../points/zstd/frame.ts";
import { zstdDecompress } from "../../points/zstd/zstd.ts";

/** Most bytes of a part of a bag that is decompressed at once. */
export const MAX_CHUNK_BYTES = 512 * 1024 * 1024;
/** Most bytes of a message that is compressed by itself. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
/** What begins a frame of zstd; a message in CDR begins with a zero. */
const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/**
 * Decompresses a part of a bag. It runs in a browser, too.
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
    `a chunk compressed with "${compression.slice(0, 32)}", expected lz4 ` +
      "or zstd",
  );
}

/**
 * Decompresses a message in CDR, where rosbag2 has compressed it by itself.
 *
 * @returns the content, which nobody changes.
 * @throws {PointsError} `too-large` for more than 256 MiB, `unsupported` where
 * it doesn't say its size, else what the decompressor throws.
 */
export function plainMessage(data: Uint8Array): Uint8Array {
  if (!ZSTD_MAGIC.every((byte, i) => data[i] === byte)) return data;
  const { contentSize } = readZstdFrame(data, MAX_MESSAGE_BYTES);
  if (contentSize === undefined) {
    throw new PointsError(
      "unsupported",
      "a message compressed by zstd that doesn't say its size",
    );
  }
  return zstdDecompress(data, contentSize).slice();
}
