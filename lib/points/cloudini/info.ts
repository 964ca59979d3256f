/** What a header says, whichever way it is written. */
import type { PointField } from "../field.ts";

/** The first stages by their numbers in a binary header. */
export const ENCODINGS: readonly CloudiniEncoding[] = [
  ...["none", "lossy", "lossless"] as const,
];

/** First stage of an encoding: what happens to the values. */
export type CloudiniEncoding = "none" | "lossy" | "lossless";

/** The second stages by their numbers in a binary header. */
export const COMPRESSIONS: readonly CloudiniCompression[] = [
  ...["none", "lz4", "zstd"] as const,
];

/** Second stage of an encoding. */
export type CloudiniCompression = "none" | "lz4" | "zstd";

/** One field of a Cloudini cloud. */
export interface CloudiniField extends PointField {
  /** Units for one step, float32; values without are exact. */
  readonly resolution?: number;
}

/** What a header says of a cloud, whatever its version. */
export interface CloudiniInfo {
  /** Points of a row; of the whole cloud where `height` is 1. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes of a decoded point. */
  readonly stride: number;
  readonly encoding: CloudiniEncoding;
  readonly compression: CloudiniCompression;
  /** In the order in which they are encoded. */
  readonly fields: readonly CloudiniField[];
}

/** The header of a Cloudini buffer. */
export interface CloudiniHeader extends CloudiniInfo {
  /** Format version, from 2 to 5. */
  readonly version: number;
}

/** What begins a buffer; two digits of the version follow. */
export const MAGIC = "CLOUDINI_V";

/** The newest version, which is written. */
export const VERSION = 5;
