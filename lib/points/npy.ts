/**
 * NumPy's `.npy` format (NEP 1), versions 1.0 to 3.0, as far as one message of
 * points needs it: float32, shape (N, 3).
 */
import { PointsError } from "./errors.ts";
import { isNpy, readNpyHeaderText } from "./npy_header.ts";

export { isNpy };

/**
 * Reads a `.npy` file of little-endian float32, shape (N, 3), C order.
 *
 * @returns the values, a view of `bytes` where they are 4-byte aligned.
 * @throws {PointsError} `header`, `length`, or `unsupported` naming what isn't
 * read.
 */
export function decodeNpy(bytes: Uint8Array): Float32Array {
  const { text: header, offset } = readNpyHeaderText(bytes);
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

function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read .npy: ${what}`);
}
