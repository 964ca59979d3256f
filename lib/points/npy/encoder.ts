import type { PointCloud } from "../cloud.ts";
import type { CloudEncoder, EncodedCloud } from "../codec.ts";
import { encodeF32 } from "../f32/f32.ts";
import { areNpyColumns } from "./fields.ts";
import { writeNpyHeader } from "./header.ts";
import { formatPythonString } from "./python_literal.ts";

/**
 * Encodes clouds as NumPy's `.npy` files, format version 1.0: little-endian
 * float32 in C order, shape (N, fields) for x, y, z and optionally intensity,
 * else a structured dtype of shape (N,) that names the fields.
 */
export class NpyEncoder implements CloudEncoder {
  #output = new Uint8Array();

  /** @throws {PointsError} `too-large` when the names don't fit a header. */
  encode({ fields, points, values }: PointCloud): EncodedCloud {
    const header = areNpyColumns(fields)
      ? writeNpyHeader("'<f4'", [points, fields.length])
      : writeNpyHeader(describeStruct(fields), [points]);
    const length = header.length + values.byteLength;
    if (this.#output.length < length) this.#output = new Uint8Array(length);
    this.#output.set(header);
    this.#output.set(encodeF32(values), header.length);
    return { codec: "npy", bytes: this.#output.subarray(0, length) };
  }
}

function describeStruct(fields: readonly string[]): string {
  const entries = fields.map((name) => `(${formatPythonString(name)}, '<f4')`);
  return `[${entries.join(", ")}]`;
}
