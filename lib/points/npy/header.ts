/** Headers of NumPy's `.npy` format (NEP 1), versions 1.0 to 3.0. */
import { PointsError } from "../errors.ts";
import { parsePythonLiteral, type PythonLiteral } from "./python_literal.ts";

/** An array as the header of its `.npy` file describes it. */
export interface NpyHeader {
  /** The dtype: a string such as "<f4", or a list of fields. */
  descr: PythonLiteral;
  /** Whether the first index changes fastest. */
  fortranOrder: boolean;
  shape: readonly number[];
  /** Where the array's bytes begin. */
  offset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Array data begins at a multiple of this many bytes, as NumPy writes it. */
const ALIGNMENT = 64;

/**
 * Longest header that is read, bytes: NumPy's own limit (`max_header_size`).
 */
const MAX_HEADER_BYTES = 10_000;

/** Magic string, version 1.0, and the uint16 header length. */
const PREFIX_BYTES = 10;

/** Tells whether `bytes` begin with the magic string of a `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the header of a `.npy` file.
 *
 * @throws {PointsError} `header`, or `unsupported` for another version.
 */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  const { text, offset } = readNpyHeaderText(bytes);
  const header = parsePythonLiteral(text, "the header of .npy");
  if (!(header instanceof Map) || header.size !== 3) throw incomplete();
  const descr = header.get("descr");
  const fortranOrder = header.get("fortran_order");
  const shape = header.get("shape");
  if (
    descr === undefined || typeof fortranOrder !== "boolean" ||
    !isShape(shape)
  ) throw incomplete();
  return { descr, fortranOrder, shape, offset };
}

/**
 * Writes a header, format version 1.0, for an array in C order.
 *
 * @param descr the dtype, as a Python literal of ASCII characters.
 * @throws {PointsError} `too-large` when the dtype makes a header that NumPy
 * would not read.
 */
export function writeNpyHeader(
  descr: string,
  shape: readonly number[],
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text =
    `{'descr': ${descr}, 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = PREFIX_BYTES + text.length + 1;
  const total = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  if (total - PREFIX_BYTES > MAX_HEADER_BYTES) {
    throw new PointsError(
      "too-large",
      `Cannot write .npy: a header of ${total} bytes`,
    );
  }
  const bytes = new Uint8Array(total).fill(" ".charCodeAt(0));
  bytes.set(MAGIC);
  bytes.set([1, 0], MAGIC.length);
  new DataView(bytes.buffer).setUint16(8, total - PREFIX_BYTES, true);
  bytes.set(new TextEncoder().encode(text), PREFIX_BYTES);
  bytes[total - 1] = "\n".charCodeAt(0);
  return bytes;
}

/**
 * Reads the text of a header, a Python literal.
 *
 * @returns it, and where the array's bytes begin.
 * @throws {PointsError} `header`, or `unsupported` for another version.
 */
export function readNpyHeaderText(
  bytes: Uint8Array,
): { text: string; offset: number } {
  const major = bytes[6];
  if (bytes.length < PREFIX_BYTES || !isNpy(bytes)) {
    throw new PointsError("header", "Cannot read .npy: no magic string");
  }
  if (major < 1 || major > 3) {
    throw new PointsError(
      "unsupported",
      `Cannot read .npy: format version ${major}.${bytes[7]}, expected 1 to 3`,
    );
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = 8 + lengthBytes;
  if (bytes.length < start) {
    throw new PointsError("header", "Cannot read .npy: the header is cut off");
  }
  const length = major === 1
    ? view.getUint16(8, true)
    : view.getUint32(8, true);
  const offset = start + length;
  if (offset > bytes.length) {
    throw new PointsError(
      "header",
      `Cannot read .npy: a header of ${length} bytes in a file of ` +
        `${bytes.length}`,
    );
  }
  if (length > MAX_HEADER_BYTES) {
    throw new PointsError(
      "unsupported",
      `Cannot read .npy: a header of ${length} bytes, expected at most ` +
        MAX_HEADER_BYTES,
    );
  }
  const decoder = new TextDecoder(major === 3 ? "utf-8" : "latin1");
  return { text: decoder.decode(bytes.subarray(start, offset)), offset };
}

function isShape(shape: PythonLiteral | undefined): shape is number[] {
  return Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function incomplete(): PointsError {
  return new PointsError(
    "header",
    "Cannot read .npy: the header names no descr, fortran_order and shape",
  );
}
