/**
 * The Cloudini point cloud format (github.com/facontidavide/cloudini), as its
 * reference library writes it: lossy to a resolution, then compressed.
 *
 * @module
 */
export {
  CloudiniDecoder,
  type CloudiniDecoderOptions,
} from "./cloudini_decoder.ts";
export {
  CloudiniEncoder,
  type CloudiniEncoderOptions,
} from "./cloudini_encoder.ts";
export { type CloudiniCompression, isCloudini } from "./cloudini_header.ts";
