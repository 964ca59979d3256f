import { copySwapped } from "../byte_order.ts";
import {
  type CloudShape,
  copyBytes,
  createCloud,
  type PointCloud,
} from "../cloud.ts";
import type { CloudDecoder } from "../codec.ts";
import type { PointField } from "../field.ts";
import { layOutNpy, type NpyArray, type NpyColumn } from "./array.ts";
import { widenHalf } from "./half.ts";

/** Options of the `npy` decoder. */
export interface NpyDecoderOptions {
  /**
   * Names of an array's columns, as many as it has. @default {x y z c3 c4 …}
   */
  names?: readonly string[];
}

/**
 * Decodes NumPy's `.npy` files, format versions 1.0 to 3.0:
 *
 * - numbers of shape (N, C), C from 3: fields x, y, z, c3, c4 and so on.
 * - numbers of shape (H, W, C): the same, as H rows of W points.
 * - a structured dtype of shape (N,) or (H, W), with the fields x, y, z and
 *   others. Fields with a shape or with fields of their own are taken apart:
 *   `xyz` of three numbers is x, y and z, `rgb` red, green and blue.
 *
 * Types are kept: integers of 8 to 64 bits, float32 and float64; bool becomes
 * uint8, float16 float32. What isn't read is refused by name.
 */
export class NpyDecoder implements CloudDecoder {
  readonly #names?: readonly string[];
  #data = new Uint8Array();

  constructor(options: NpyDecoderOptions = {}) {
    this.#names = options.names;
  }

  inspect(bytes: Uint8Array): CloudShape {
    return layOutNpy(bytes, this.#names).shape;
  }

  /**
   * Reads one file.
   *
   * @returns a view of `bytes` where they are little-endian, in C order, and of
   * types that a cloud has.
   */
  decode(bytes: Uint8Array): PointCloud {
    const array = layOutNpy(bytes, this.#names);
    const { fields, stride, height } = array.shape;
    const data = array.isView ? array.data : this.#convert(array);
    return createCloud({ data, fields, stride, height });
  }

  #convert({ shape, columns, data }: NpyArray): Uint8Array {
    const length = shape.points * shape.stride;
    if (this.#data.length < length) this.#data = new Uint8Array(length);
    const target = this.#data.subarray(0, length);
    columns.forEach((column, i) =>
      copyColumn({ target, shape, field: shape.fields[i] }, data, column)
    );
    return target;
  }
}

interface Target {
  target: Uint8Array;
  shape: CloudShape;
  field: PointField;
}

/** Copies a column's numbers to where a cloud has them. */
function copyColumn(
  { target, shape, field }: Target,
  source: Uint8Array,
  { type, start, step, rowStep }: NpyColumn,
): void {
  const { width, height, stride } = shape;
  const copy = type.isHalf
    ? copyHalves(!type.isBigEndian)
    : type.isBigEndian
    ? copySwapped
    : copyBytes;
  for (let row = 0; row < height; row++) {
    const to = { offset: field.offset + row * width * stride, stride };
    const from = { offset: start + row * rowStep, stride: step };
    copy(target, to, source, from, { bytes: type.bytes, points: width });
  }
}

function copyHalves(isLittleEndian: boolean): typeof copyBytes {
  return (target, to, source, from, { points }) => {
    const out = new DataView(target.buffer, target.byteOffset);
    const view = new DataView(source.buffer, source.byteOffset);
    let at = from.offset, put = to.offset;
    for (let i = 0; i < points; i++, at += from.stride, put += to.stride) {
      out.setInt32(put, widenHalf(view.getUint16(at, isLittleEndian)), true);
    }
  };
}
