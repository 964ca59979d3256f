import { areSameFields, type PointCloud, XYZ } from "../points/cloud.ts";
import {
  type CloudDecoder,
  CODEC_TRAITS,
  type FrameCodec,
} from "../points/codec.ts";
import { createDecoder } from "../points/codecs.ts";
import { PointsError } from "../points/errors.ts";
import type { EncodedFrame, FrameInfo } from "./frame.ts";

/** A decoder, and the fields that its clouds have where they don't say it. */
interface Reader {
  fields: readonly string[];
  decoder: CloudDecoder;
}

/**
 * Reads the frames of one stream, which may change its codec and its fields.
 * What a frame says of itself is checked as it comes; its values are decoded
 * only where somebody wants them.
 */
export class FrameReader {
  readonly #stream: string;
  readonly #readers = new Map<FrameCodec, Reader>();
  #fields = XYZ;

  /**
   * Makes the reader of one stream.
   *
   * @param stream name that the frames are given.
   */
  constructor(stream: string) {
    this.#stream = stream;
  }

  /**
   * Names the fields of the clouds that follow, for codecs that don't. They are
   * x, y, z before.
   */
  setFields(fields: readonly string[]): void {
    this.#fields = fields;
  }

  /**
   * Makes the frame of an encoded cloud, whose header and size are checked.
   * Nothing is decoded or copied.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec, or of
   * another number of points than `info` says.
   */
  read(info: FrameInfo, bytes: Uint8Array): EncodedFrame {
    const { number, codec, points, captureTime } = info;
    const { decoder } = this.#readerOf(codec, this.#fields);
    const shape = decoder.inspect(bytes);
    if (shape.points !== points) {
      throw new PointsError(
        "header",
        `Frame ${number} says ${points} points and holds ${shape.points}`,
      );
    }
    const { fields } = shape;
    const stream = this.#stream;
    return { number, codec, points, captureTime, fields, bytes, stream };
  }

  /**
   * Decodes a frame; its values are valid until the next one is decoded.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec.
   */
  decode(
    { codec, fields, bytes }: Pick<EncodedFrame, "codec" | "fields" | "bytes">,
  ): PointCloud {
    return this.#readerOf(codec, fields).decoder.decode(bytes);
  }

  #readerOf(codec: FrameCodec, fields: readonly string[]): Reader {
    const known = this.#readers.get(codec);
    if (
      known !== undefined &&
      (CODEC_TRAITS[codec].namesFields || areSameFields(fields, known.fields))
    ) return known;
    const decoder = createDecoder(codec, { fields });
    const reader = { fields, decoder };
    this.#readers.set(codec, reader);
    return reader;
  }
}
