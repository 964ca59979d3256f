/** The codecs by name: the one place that knows them all. */
import {
  CloudiniDecoder,
  type CloudiniDecoderOptions,
  CloudiniEncoder,
  type CloudiniEncoderOptions,
} from "./cloudini/mod.ts";
import type { CloudDecoder, CloudEncoder, FrameCodec } from "./codec.ts";
import { F32Decoder, type F32DecoderOptions, F32Encoder } from "./f32_codec.ts";
import { NpyDecoder } from "./npy/decoder.ts";
import { NpyEncoder } from "./npy/encoder.ts";

/** Options of all encoders; each takes those that it has. */
export type EncoderOptions = CloudiniEncoderOptions;

/** Options of all decoders; each takes those that it has. */
export type DecoderOptions = CloudiniDecoderOptions & F32DecoderOptions;

/**
 * Makes the encoder of a codec.
 *
 * @example
 * ```ts
 * import { createEncoder } from "./codecs.ts";
 * import { zstdCompress } from "./zstd_node.ts";
 *
 * const encoder = createEncoder("cloudini", { zstd: zstdCompress });
 * ```
 */
export function createEncoder(
  codec: FrameCodec,
  options: EncoderOptions = {},
): CloudEncoder {
  switch (codec) {
    case "f32":
      return new F32Encoder();
    case "npy":
      return new NpyEncoder();
    case "cloudini":
      return new CloudiniEncoder(options);
  }
}

/**
 * Makes the decoder of a codec.
 *
 * @example
 * ```ts
 * import { createDecoder } from "./codecs.ts";
 * import { zstdDecompress } from "./zstd_browser.ts";
 *
 * const decoder = createDecoder("cloudini", { zstd: zstdDecompress });
 * ```
 */
export function createDecoder(
  codec: FrameCodec,
  options: DecoderOptions = {},
): CloudDecoder {
  switch (codec) {
    case "f32":
      return new F32Decoder(options);
    case "npy":
      return new NpyDecoder();
    case "cloudini":
      return new CloudiniDecoder(options);
  }
}
