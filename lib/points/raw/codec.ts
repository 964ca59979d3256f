/** Clouds as they are in memory: the codecs `raw` and `f32`. */
import {
  checkFields,
  type CloudLayout,
  type CloudShape,
  createCloud,
  float32Fields,
  pack,
  type PointCloud,
} from "../cloud.ts";
import type {
  CloudDecoder,
  CloudEncoder,
  EncodedCloud,
  FrameCodec,
} from "../codec.ts";
import { PointsError } from "../errors.ts";
import { arePacked, XYZ } from "../field.ts";

/** How points lie where nobody says it: float32 x, y, z. */
export const XYZ_LAYOUT: CloudLayout = { ...float32Fields(XYZ), height: 1 };

/** Writes down a cloud as it is, without padding: a view of its bytes. */
export function encodeRaw(cloud: PointCloud): EncodedCloud {
  const { data, ...shape } = pack(cloud);
  const codec = isFloat32(shape) ? "f32" : "raw";
  return { codec, bytes: data, shape, steps: {} };
}

/**
 * Encodes clouds as they are, as `f32` where all fields are float32 and else as
 * `raw`: views of their bytes, but for padding, which is left out.
 */
export class RawEncoder implements CloudEncoder {
  readonly #codec: FrameCodec;

  /** @param codec `raw` writes every cloud as `raw`. */
  constructor(codec: "f32" | "raw") {
    this.#codec = codec;
  }

  encode(cloud: PointCloud): EncodedCloud {
    const encoded = encodeRaw(cloud);
    return this.#codec === "raw" ? { ...encoded, codec: "raw" } : encoded;
  }
}

/** Options of the decoders of `raw` and `f32`. */
export interface RawDecoderOptions {
  /** What the bytes don't say: how points lie. @default {x, y, z, float32} */
  layout?: CloudLayout;
}

/** Reads interleaved bytes as points; no bytes are no points. */
export class RawDecoder implements CloudDecoder {
  readonly #layout: CloudLayout;

  /**
   * @throws {PointsError} `header` for fields that a cloud can't have, or for
   * `f32` others than float32 without gaps.
   */
  constructor(
    codec: "f32" | "raw",
    { layout = XYZ_LAYOUT }: RawDecoderOptions = {},
  ) {
    checkFields(layout.fields, layout.stride);
    if (codec === "f32" && !isFloat32(layout)) {
      throw new PointsError(
        "header",
        "Cannot read f32: expected float32 fields without gaps between them",
      );
    }
    this.#layout = layout;
  }

  inspect(bytes: Uint8Array): CloudShape {
    const { stride, height } = this.#layout;
    const points = bytes.length / stride;
    const width = points / height;
    if (Number.isInteger(width)) return { ...this.#layout, points, width };
    throw new PointsError(
      "length",
      `Cannot read points: ${bytes.length} bytes are not a whole number of ` +
        (height === 1 ? "points" : `${height} rows of points`) +
        ` of ${stride} bytes`,
    );
  }

  /** @returns a view of `bytes`. */
  decode(bytes: Uint8Array): PointCloud {
    this.inspect(bytes);
    return createCloud({ ...this.#layout, data: bytes });
  }
}

function isFloat32({ fields, stride }: CloudLayout): boolean {
  return arePacked(fields, stride) &&
    fields.every(({ type }) => type === "float32");
}
