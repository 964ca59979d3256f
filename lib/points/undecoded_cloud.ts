import type { CloudShape, PointCloud } from "./cloud.ts";
import type { FrameCodec } from "./codec.ts";
import type { PointField } from "./field.ts";

/** What an {@linkcode UndecodedCloud} is made of. */
export interface UndecodedCloudOptions {
  codec: FrameCodec;
  /** They are not copied, and must not change. */
  bytes: Uint8Array;
  /** What a decoder says of the bytes. */
  shape: CloudShape;
  /** Gives their values, in a buffer that nobody changes later. */
  decode(): PointCloud;
}

/**
 * A cloud that came encoded. It is decoded, once, when somebody reads its
 * `data`: who hands it on as it came doesn't.
 */
export class UndecodedCloud implements PointCloud {
  readonly codec: FrameCodec;
  readonly bytes: Uint8Array;
  readonly fields: readonly PointField[];
  readonly stride: number;
  readonly width: number;
  readonly height: number;
  readonly points: number;
  readonly #decode: () => PointCloud;
  #data: Uint8Array | undefined;

  constructor({ codec, bytes, shape, decode }: UndecodedCloudOptions) {
    this.codec = codec;
    this.bytes = bytes;
    this.fields = shape.fields;
    this.stride = shape.stride;
    this.width = shape.width;
    this.height = shape.height;
    this.points = shape.points;
    this.#decode = decode;
  }

  /** @throws {PointsError} for bytes that can't be decoded after all. */
  get data(): Uint8Array {
    return this.#data ??= this.#decode().data;
  }
}
