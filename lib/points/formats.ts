/** The file formats by extension: the one place that knows them all. */
import { type PointCloud, selectFields, XYZ } from "./cloud.ts";
import { createDecoder, createEncoder } from "./codecs.ts";
import { PointsError } from "./errors.ts";
import type { FrameCodec } from "./codec.ts";
import { encodeF32 } from "./f32/f32.ts";
import { decodeKitti, encodeKitti } from "./kitti/kitti.ts";
import { decodePcd, encodePcd } from "./pcd/pcd.ts";
import { decodePly, encodePly } from "./ply/ply.ts";

/** Options of {@linkcode encodeFile}. */
export interface EncodeFileOptions {
  /** Step that `.cloudini` rounds to, metres. @default {0.001} */
  resolution?: number;
}

interface Format {
  decode(bytes: Uint8Array): PointCloud;
  encode(cloud: PointCloud, options: EncodeFileOptions): Uint8Array;
}

const FORMATS: Record<string, Format> = {
  ".npy": codecFormat("npy"),
  ".pcd": { decode: decodePcd, encode: (cloud) => encodePcd(cloud) },
  ".ply": { decode: decodePly, encode: (cloud) => encodePly(cloud) },
  ".bin": { decode: decodeKitti, encode: encodeKitti },
  ".f32": {
    ...codecFormat("f32"),
    encode: (cloud) => encodeF32(selectFields(cloud, XYZ).values),
  },
  ".cloudini": codecFormat("cloudini"),
};

/** Extensions of the files that are read and written. */
export const FILE_EXTENSIONS: readonly string[] = Object.keys(FORMATS);

/** Tells by its extension whether a file is one of points. */
export function isPointFile(name: string): boolean {
  return extensionOf(name) in FORMATS;
}

/**
 * Reads a file's bytes by the extension of its name.
 *
 * @throws {PointsError} `empty`, `unsupported` for an unknown extension, or
 * what the format throws.
 */
export function decodeFile(name: string, bytes: Uint8Array): PointCloud {
  const format = formatOf(name);
  if (bytes.length > 0) return format.decode(bytes);
  throw new PointsError("empty", "The file is empty");
}

/**
 * Writes a cloud as a file, by the extension of its name. `.f32` keeps x, y, z
 * alone, as it names no fields, and `.bin` intensity beside them.
 *
 * @returns The file's bytes, which may be a view of the cloud's values.
 * @throws {PointsError} `unsupported` for an unknown extension, or a cloud that
 * the format can't hold.
 *
 * @example
 * ```ts
 * import {
 *   decodeFile,
 *   encodeFile,
 *   pointCloud,
 * } from "@pointwire/pointwire/points";
 * import { assertEquals } from "@std/assert";
 *
 * const cloud = pointCloud(new Float32Array([1, 2, 3]));
 * const bytes = encodeFile("one.pcd", cloud);
 * assertEquals(decodeFile("one.pcd", bytes), cloud);
 * ```
 */
export function encodeFile(
  name: string,
  cloud: PointCloud,
  options: EncodeFileOptions = {},
): Uint8Array {
  return formatOf(name).encode(cloud, options);
}

/** A codec of the wire as a file format: one encoded cloud a file. */
function codecFormat(codec: FrameCodec): Format {
  return {
    decode: (bytes) => createDecoder(codec).decode(bytes),
    encode(cloud, { resolution }) {
      const encoded = createEncoder(codec, { resolution }).encode(cloud);
      if (encoded.codec === codec) return encoded.bytes;
      throw new PointsError(
        "unsupported",
        `A cloud of ${cloud.fields.join(" ")} with these values can't be ` +
          `written as ${codec} at a resolution of ${resolution ?? 0.001}`,
      );
    },
  };
}

function formatOf(name: string): Format {
  const format = FORMATS[extensionOf(name)];
  if (format !== undefined) return format;
  throw new PointsError(
    "unsupported",
    `Unknown extension "${extensionOf(name)}"; known are ` +
      FILE_EXTENSIONS.join(" "),
  );
}

function extensionOf(name: string): string {
  return /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? "";
}
