import { checkFields, type PointCloud, pointCloud, XYZ } from "../cloud.ts";
import type {
  CloudDecoder,
  CloudEncoder,
  CloudShape,
  EncodedCloud,
} from "../codec.ts";
import { PointsError } from "../errors.ts";
import { encodeF32 } from "./f32.ts";

/** Encodes clouds as raw little-endian float32: views of their values. */
export class F32Encoder implements CloudEncoder {
  encode(cloud: PointCloud): EncodedCloud {
    return { codec: "f32", bytes: encodeF32(cloud.values) };
  }
}

/** Options of the `f32` decoder. */
export interface F32DecoderOptions {
  /** What the bytes don't say: names of the fields. @default {x, y, z} */
  fields?: readonly string[];
}

/** Decodes raw little-endian float32, interleaved; no bytes are no points. */
export class F32Decoder implements CloudDecoder {
  readonly #fields: readonly string[];
  #values = new Float32Array();

  /** @throws {PointsError} `header` for fields that a cloud can't have. */
  constructor(options: F32DecoderOptions = {}) {
    this.#fields = checkFields(options.fields ?? XYZ);
  }

  inspect(bytes: Uint8Array): CloudShape {
    const fields = this.#fields;
    const pointBytes = this.#fields.length * 4;
    if (bytes.length % pointBytes !== 0) {
      throw new PointsError(
        "length",
        `Cannot read points: ${bytes.length} bytes are not a whole number of ` +
          `points of ${pointBytes} bytes (float32 ${fields.join(" ")})`,
      );
    }
    return { points: bytes.length / pointBytes, fields };
  }

  /** @returns a view of `bytes` where they are 4-byte aligned. */
  decode(bytes: Uint8Array): PointCloud {
    this.inspect(bytes);
    const values = bytes.byteOffset % 4 === 0
      ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : this.#copy(bytes);
    return pointCloud(values, this.#fields);
  }

  #copy(bytes: Uint8Array): Float32Array {
    const length = bytes.length / 4;
    if (this.#values.length < length) this.#values = new Float32Array(length);
    new Uint8Array(this.#values.buffer).set(bytes);
    return this.#values.subarray(0, length);
  }
}
