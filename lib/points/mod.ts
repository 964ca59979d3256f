/**
 * Point clouds, and every way to write them down: the codecs of frames
 * (`f32`, `npy`, `cloudini`, `raw`) and the file formats (`.pcd` `.ply` `.las`
 * `.laz` `.npy` `.npz` `.xyz` `.csv` `.bin` `.cloudini` …).
 *
 * This does no I/O, and runs in a browser too: there zstd is decompressed in
 * WebAssembly, which is loaded at import. A page with a content security policy
 * has to allow it: `script-src 'wasm-unsafe-eval'` and `connect-src data:`. A
 * worker that imports this gets no messages before it is loaded.
 *
 * @example Read a file, whatever its format
 * ```ts
 * import { decodeFile, toFloat32 } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const text = `ply
 * format ascii 1.0
 * element vertex 2
 * property float x
 * property float y
 * property float z
 * end_header
 * 1 2 3
 * 4 5 6
 * `;
 * const cloud = await decodeFile("two.ply", new TextEncoder().encode(text));
 * assertEquals(cloud.points, 2);
 * assertEquals(toFloat32(cloud), new Float32Array([1, 2, 3, 4, 5, 6]));
 * ```
 *
 * @module
 */
export * from "./essentials.ts";
export { pack, selectFields, viewFloat32 } from "./cloud.ts";
export { parseFieldList, XYZ } from "./field.ts";
export { type ColorFields, findColor, findIntensity } from "./meaning.ts";
export type {
  CloudiniCompression,
  CloudiniDecoderOptions,
  CloudiniEncoderOptions,
  CloudiniEncoding,
} from "./cloudini/mod.ts";
export {
  type CloudDecoder,
  type CloudEncoder,
  type EncodedCloud,
  FRAME_CODECS,
  type FrameCodec,
} from "./codec.ts";
export {
  createDecoder,
  createEncoder,
  type DecoderOptions,
  type EncoderOptions,
} from "./codecs.ts";
export {
  FrameSizeError,
  PointsError,
  type PointsErrorReason,
} from "./errors.ts";
export type { RawDecoderOptions } from "./raw/codec.ts";
export {
  decodeFile,
  type DecodeFileOptions,
  encodeFile,
  type EncodeFileOptions,
  FILE_EXTENSIONS,
  isPointFile,
  lossesOf,
  WRITABLE_EXTENSIONS,
} from "./formats.ts";
export { decodeKitti, encodeKitti } from "./kitti/kitti.ts";
export {
  decodePcd,
  encodePcd,
  type EncodePcdOptions,
  type PcdData,
} from "./pcd/pcd.ts";
export {
  decodePly,
  encodePly,
  type EncodePlyOptions,
  type PlyFormat,
} from "./ply/ply.ts";
export { type Box, select, type Selection } from "./select.ts";
export { thin } from "./thin.ts";
export { zstdCompress, zstdDecompress } from "./zstd/zstd.ts";
export type { ZstdCompressor, ZstdDecompressor } from "./zstd/types.ts";
