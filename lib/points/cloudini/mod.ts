/**
 * The Cloudini point cloud format (github.com/facontidavide/cloudini), as its
 * reference library writes it: lossy to a resolution, then compressed.
 *
 * @module
 */
export { CloudiniDecoder, type CloudiniDecoderOptions } from "./decoder.ts";
export { CloudiniEncoder, type CloudiniEncoderOptions } from "./encoder.ts";
export { isCloudini } from "./header.ts";
export type { CloudiniCompression, CloudiniEncoding } from "./info.ts";
