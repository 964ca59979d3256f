/** The codecs by name: the one place that knows them all. */
import {
  CloudiniDecoder,
  type CloudiniDecoderOptions,
  CloudiniEncoder,
  type CloudiniEncoderOptions,
} from "./cloudini/mod.ts";
import type { CloudDecoder, CloudEncoder, FrameCodec } from "./codec.ts";
import { NpyDecoder } from "./npy/decoder.ts";
import { NpyEncoder } from "./npy/encoder.ts";
import { RawDecoder, type RawDecoderOptions, RawEncoder } from "./raw/codec.ts";
import { zstdCompress, zstdDecompress } from "./zstd/zstd.ts";

/** Options of all encoders; each takes those that it has. */
export type EncoderOptions = CloudiniEncoderOptions;

/** Options of all decoders; each takes those that it has. */
export type DecoderOptions = CloudiniDecoderOptions & RawDecoderOptions;

/**
 * Makes the encoder of a codec.
 *
 * An encoder is for one sender: it reuses its buffers from cloud to cloud.
 *
 * @param codec How clouds are written down. A cloud that Cloudini can't hold,
 * or that isn't all float32 for `f32`, goes as `raw`: the result's `codec` says
 * so.
 * @param options Without `zstd`, that of the runtime is used. A browser has no
 * zstd to compress with: there Cloudini needs `compression: "lz4"` or "none".
 * @throws {RangeError} for a resolution that float32 can't work with.
 *
 * @example
 * ```ts
 * import { createEncoder, pointCloud } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = createEncoder("cloudini", { resolution: 0.001 });
 * const cloud = pointCloud(new Float32Array([1, 2, 3, 4, 5, 6]));
 * const { codec, bytes } = encoder.encode(cloud);
 * assertEquals(codec, "cloudini");
 * console.log(`${bytes.length} bytes`);
 * ```
 */
export function createEncoder(
  codec: FrameCodec,
  options: EncoderOptions = {},
): CloudEncoder {
  switch (codec) {
    case "f32":
    case "raw":
      return new RawEncoder(codec);
    case "npy":
      return new NpyEncoder();
    case "cloudini":
      return new CloudiniEncoder({ zstd: zstdCompress, ...options });
  }
}

/**
 * Makes the decoder of a codec.
 *
 * A decoder is for one stream: it reuses its buffers from cloud to cloud.
 *
 * @param codec How the clouds were written down.
 * @param options Without `zstd`, that of the runtime is used.
 * @throws {PointsError} `header` for a layout that a cloud can't have.
 *
 * @example
 * ```ts
 * import {
 *   createDecoder,
 *   float32Fields,
 *   toFloat32,
 * } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const layout = {
 *   ...float32Fields(["x", "y", "z", "intensity"]),
 *   height: 1,
 * };
 * const decoder = createDecoder("f32", { layout });
 * const values = new Float32Array([1, 2, 3, 0.5]);
 * const cloud = decoder.decode(new Uint8Array(values.buffer));
 * assertEquals(cloud.points, 1);
 * assertEquals(toFloat32(cloud), values);
 * ```
 */
export function createDecoder(
  codec: FrameCodec,
  options: DecoderOptions = {},
): CloudDecoder {
  switch (codec) {
    case "f32":
    case "raw":
      return new RawDecoder(codec, options);
    case "npy":
      return new NpyDecoder();
    case "cloudini":
      return new CloudiniDecoder({ zstd: zstdDecompress, ...options });
  }
}
