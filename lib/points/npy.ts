/**
 * NumPy's `.npy` format (NEP 1), versions 1.0 to 3.0, as far as one message of
 * points needs it: float32, shape (N, 3).
 */
import { PointsError } from "./errors.ts";

/** Longest header that is read, bytes: NumPy's own limit (`max_header_size`). */
const MAX_HEADER_BYTES = 10_000;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Tells whether `bytes` begin with the magic string of a `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a `.npy` file of little-endian float32, shape (N, 3), C order.
 *
 * @returns the values, a view of `bytes` where they are 4-byte aligned.
 * @throws {PointsError} `header`, `length`, or `unsupported` naming what isn't
 * read.
 */
export function decodeNpy(bytes: Uint8Array): Float32Array {
  const { header, offset } = readHeader(bytes);
  const descr = /'descr'\s*:\s*(?:'([^']*)'|\[)/.exec(header);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === null || fortran === undefined || shape === undefined) {
    throw new PointsError(
      "header",
      "Cannot read .npy: the header names no descr, fortran_order and shape",
    );
  }
  if (descr[1] !== "<f4") {
    throw unsupported(`dtype ${descr[1] ?? "with fields"}, expected <f4`);
  }
  if (fortran === "True") throw unsupported("Fortran order, expected C order");
  const [points, three, ...rest] = shape.split(",").map((d) => d.trim());
  if (!/^\d+$/.test(points) || three !== "3" || rest.join("") !== "") {
    throw unsupported(`shape (${shape}), expected (N, 3)`);
  }
  const due = Number(points) * 3 * 4;
  const data = bytes.subarray(offset);
  if (data.length !== due) {
    throw new PointsError(
      "length",
      `Cannot read .npy: shape (${shape}) needs ${due} bytes, ` +
        `${data.length} follow the header`,
    );
  }
  if (data.byteOffset % 4 === 0) {
    return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  }
  return new Float32Array(data.slice().buffer);
}

function readHeader(bytes: Uint8Array): { header: string; offset: number } {
  const major = bytes[6];
  if (bytes.length < 10 || !isNpy(bytes)) {
    throw new PointsError("header", "Cannot read .npy: no magic string");
  }
  if (major < 1 || major > 3) {
    throw unsupported(`format version ${major}.${bytes[7]}, expected 1 to 3`);
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
  if (start + length > bytes.length) {
    throw new PointsError(
      "header",
      `Cannot read .npy: a header of ${length} bytes in a file of ` +
        `${bytes.length}`,
    );
  }
  if (length > MAX_HEADER_BYTES) {
    throw unsupported(
      `a header of ${length} bytes, expected at most ${MAX_HEADER_BYTES}`,
    );
  }
  const text = bytes.subarray(start, start + length);
  return {
    header: new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(text),
    offset: start + length,
  };
}

function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read .npy: ${what}`);
}
