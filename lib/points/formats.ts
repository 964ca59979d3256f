/** The file formats by extension: the one place that knows them all. */
import type { PointCloud } from "./cloud.ts";
import { createDecoder, createEncoder } from "./codecs.ts";
import { PointsError } from "./errors.ts";
import { type NamedType, XYZ } from "./field.ts";
import {
  decodeHeaderless,
  encodeHeaderless,
  type WrittenField,
} from "./headerless/headerless.ts";
import {
  decodeKitti,
  decodeNuscenes,
  encodeKitti,
  kittiFields,
} from "./kitti/kitti.ts";
import { encodeLas } from "./las/encode.ts";
import { decodeLas } from "./las/las.ts";
import { lasLosses } from "./las/losses.ts";
import { fieldLosses, rowsLoss, viewpointLoss } from "./losses.ts";
import { NpyDecoder } from "./npy/decoder.ts";
import { decodeNpz } from "./npz/npz.ts";
import { decodePcd, encodePcd, type PcdData, pcdLosses } from "./pcd/pcd.ts";
import { decodePly, encodePly, plyLosses } from "./ply/ply.ts";
import { decodeText } from "./text/text.ts";
import { decodePointCloud2 } from "./pointcloud2/pointcloud2.ts";

/** Options of {@linkcode decodeFile}. */
export interface DecodeFileOptions {
  /**
   * The fields of a point, where the file doesn't say them: all of `.bin`,
   * `.f32`, text without a header; their names alone of a plain `.npy` array.
   */
  fields?: readonly NamedType[];
  /** Called with a sentence where something had to be chosen. */
  onNote?(text: string): void;
}

/** Options of {@linkcode encodeFile}. */
export interface EncodeFileOptions {
  /**
   * Step that `.cloudini` and `.las` round positions to, metres.
   * @default {0.001}
   */
  resolution?: number;
  /** Steps of other fields that `.cloudini` may round, by name. */
  resolutions?: Readonly<Record<string, number>>;
  /** How `.pcd` holds the points. @default {"binary"} */
  pcdData?: PcdData;
}

interface Format {
  decode(
    bytes: Uint8Array,
    options: DecodeFileOptions,
  ): PointCloud | Promise<PointCloud>;
  /** Whether no bytes are no points. */
  hasNoHeader?: boolean;
  writer?: Writer;
}

interface Writer {
  encode(cloud: PointCloud, options: EncodeFileOptions): Uint8Array;
  losses(cloud: PointCloud, options: EncodeFileOptions): string[];
}

const FORMATS: Readonly<Record<string, Format>> = {
  ".npy": {
    decode: decodeNpy,
    writer: {
      encode: (cloud) => createEncoder("npy").encode(cloud).bytes,
      losses: (cloud) => viewpointLoss(cloud, ".npy"),
    },
  },
  ".npz": {
    decode: (bytes, { fields, onNote }) =>
      decodeNpz(bytes, { names: fields?.map(({ name }) => name), onNote }),
  },
  ".pcd": {
    decode: decodePcd,
    writer: {
      encode: (cloud, { pcdData }) => encodePcd(cloud, { data: pcdData }),
      losses: pcdLosses,
    },
  },
  ".ply": {
    decode: decodePly,
    writer: { encode: (cloud) => encodePly(cloud), losses: plyLosses },
  },
  ".pcd.bin": {
    decode: (bytes, { fields }) => decodeNuscenes(bytes, fields),
    hasNoHeader: true,
  },
  ".bin": {
    decode: (bytes, { fields }) => decodeKitti(bytes, fields),
    hasNoHeader: true,
    writer: headerlessWriter(encodeKitti, kittiFields, ".bin"),
  },
  ".f32": {
    decode: (bytes, { fields = FLOAT32_XYZ }) =>
      decodeHeaderless(bytes, fields, ".f32"),
    hasNoHeader: true,
    writer: headerlessWriter(
      (cloud) => encodeHeaderless(cloud, f32Fields()),
      f32Fields,
      ".f32",
    ),
  },
  ...textFormats(".xyz", ".txt", ".csv", ".asc", ".pts"),
  ".las": {
    decode: decodeLas,
    writer: { encode: encodeLas, losses: lasLosses },
  },
  ".laz": { decode: decodeLas },
  ".cdr": { decode: (bytes) => decodePointCloud2(bytes).cloud },
  ".cloudini": {
    decode: (bytes) => createDecoder("cloudini").decode(bytes),
    writer: {
      encode: encodeCloudini,
      losses: (cloud) => viewpointLoss(cloud, ".cloudini"),
    },
  },
};

/** Extensions of the files that are read. */
export const FILE_EXTENSIONS: readonly string[] = Object.keys(FORMATS);

/** Extensions of the files that are written. */
export const WRITABLE_EXTENSIONS: readonly string[] = FILE_EXTENSIONS
  .filter((extension) => FORMATS[extension].writer !== undefined);

/** Tells by its extension whether a file is one of points. */
export function isPointFile(name: string): boolean {
  return Object.hasOwn(FORMATS, extensionOf(name));
}

/**
 * Reads a file's bytes by the extension of its name.
 *
 * @returns a cloud, which may be a view of `bytes`.
 * @throws {PointsError} `empty`, `unsupported` for an unknown extension, or
 * what the format throws.
 */
export async function decodeFile(
  name: string,
  bytes: Uint8Array,
  options: DecodeFileOptions = {},
): Promise<PointCloud> {
  const format = formatOf(name);
  if (bytes.length > 0 || format.hasNoHeader) {
    return await format.decode(bytes, options);
  }
  throw new PointsError("empty", "The file is empty");
}

/**
 * Writes a cloud as a file, by the extension of its name. `.f32` keeps x, y, z
 * alone, as it names no fields, and `.bin` intensity beside them;
 * {@linkcode lossesOf} says what a file won't hold.
 *
 * @returns The file's bytes, which may be a view of the cloud's.
 * @throws {PointsError} `unsupported` for an extension that isn't written, or a
 * cloud that the format can't hold.
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
 * assertEquals((await decodeFile("one.pcd", bytes)).data, cloud.data);
 * ```
 */
export function encodeFile(
  name: string,
  cloud: PointCloud,
  options: EncodeFileOptions = {},
): Uint8Array {
  return writerOf(name).encode(cloud, options);
}

/**
 * Says what of a cloud a file can't hold: a sentence for each field, the
 * viewpoint or the rows. Positions that are rounded are none.
 *
 * @throws {PointsError} `unsupported` for an extension that isn't written.
 */
export function lossesOf(
  name: string,
  cloud: PointCloud,
  options: EncodeFileOptions = {},
): string[] {
  return writerOf(name).losses(cloud, options);
}

function textFormats(...extensions: string[]): Record<string, Format> {
  return Object.fromEntries(extensions.map((extension) => [
    extension,
    {
      decode: (bytes, { fields }) =>
        decodeText(bytes, { fields, isPts: extension === ".pts" }),
    } satisfies Format,
  ]));
}

const FLOAT32_XYZ: readonly NamedType[] = XYZ.map((name) => ({
  name,
  type: "float32",
}));

function f32Fields(): WrittenField[] {
  return FLOAT32_XYZ.map((to) => ({ to, from: to.name }));
}

function headerlessWriter(
  encode: (cloud: PointCloud) => Uint8Array,
  written: (cloud: PointCloud) => WrittenField[],
  format: string,
): Writer {
  return {
    encode,
    losses: (cloud) => [
      ...fieldLosses(cloud, written(cloud), format),
      ...rowsLoss(cloud, format),
      ...viewpointLoss(cloud, format),
    ],
  };
}

function decodeNpy(
  bytes: Uint8Array,
  { fields }: DecodeFileOptions,
): PointCloud {
  const names = fields?.map(({ name }) => name);
  return new NpyDecoder({ names }).decode(bytes);
}

function encodeCloudini(
  cloud: PointCloud,
  { resolution, resolutions }: EncodeFileOptions,
): Uint8Array {
  let obstacle = "";
  const encoded = createEncoder("cloudini", {
    resolution,
    resolutions,
    onFallback: (why) => obstacle = why,
  }).encode(cloud);
  if (encoded.codec === "cloudini") return encoded.bytes;
  throw new PointsError(
    "unsupported",
    `Cannot write .cloudini: ${obstacle}; its header takes names of plain ` +
      "ASCII, and fields apart from each other",
  );
}

function writerOf(name: string): Writer {
  const { writer } = formatOf(name);
  if (writer !== undefined) return writer;
  throw new PointsError(
    "unsupported",
    `Cannot write ${extensionOf(name)} files; written are ` +
      WRITABLE_EXTENSIONS.join(" "),
  );
}

function formatOf(name: string): Format {
  if (isPointFile(name)) return FORMATS[extensionOf(name)];
  throw new PointsError(
    "unsupported",
    `Unknown extension "${extensionOf(name)}"; known are ` +
      FILE_EXTENSIONS.join(" "),
  );
}

/** Extensions of two parts, which end with what is another one. */
const DOUBLE_EXTENSION = /\.pcd\.bin$/;

function extensionOf(name: string): string {
  const lower = name.toLowerCase();
  return (DOUBLE_EXTENSION.exec(lower) ?? /\.[^./\\]*$/.exec(lower))?.[0] ?? "";
}
