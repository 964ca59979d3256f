import {
  areSameLayouts,
  type CloudLayout,
  type PointCloud,
} from "../points/cloud.ts";
import {
  type CloudDecoder,
  CODEC_TRAITS,
  type FrameCodec,
} from "../points/codec.ts";
import { createDecoder } from "../points/codecs.ts";
import { FrameSizeError, PointsError } from "../points/errors.ts";
import { XYZ_LAYOUT } from "../points/raw/codec.ts";
import type { EncodedFrame, FrameInfo } from "./frame.ts";

/** A decoder, and the layout of its clouds where they don't say it. */
interface Reader {
  layout: CloudLayout;
  decoder: CloudDecoder;
}

/** Options of {@linkcode FrameReader}. */
export interface FrameReaderOptions {
  /**
   * Most bytes of a frame's points, decoded. @default {268435456} 256 MiB
   */
  maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads the frames of one stream, which may change its codec and its layout.
 * What a frame says of itself is checked as it comes; its values are decoded
 * only where somebody wants them.
 */
export class FrameReader {
  readonly #stream: string;
  readonly #readers = new Map<FrameCodec, Reader>();
  readonly #maxBytes: number;
  #layout = XYZ_LAYOUT;

  /**
   * Makes the reader of one stream.
   *
   * @param stream name that the frames are given.
   */
  constructor(stream: string, options: FrameReaderOptions = {}) {
    this.#stream = stream;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /**
   * Says how the points of the clouds that follow lie, for codecs that don't.
   * They are float32 x, y, z before.
   */
  setLayout(layout: CloudLayout): void {
    this.#layout = layout;
  }

  /**
   * Makes the frame of an encoded cloud, whose header and size are checked.
   * Nothing is decoded or copied.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec, or of
   * another number of points than `info` says.
   * @throws {FrameSizeError} for more decoded bytes than are taken.
   */
  read(info: FrameInfo, bytes: Uint8Array): EncodedFrame {
    const { number, codec, points, captureTime } = info;
    const { decoder } = this.#readerOf(codec, this.#layout);
    const shape = decoder.inspect(bytes);
    if (shape.points !== points) {
      throw new PointsError(
        "header",
        `Frame ${number} says ${points} points and holds ${shape.points}`,
      );
    }
    const decoded = points * shape.stride;
    if (decoded > this.#maxBytes) {
      throw new FrameSizeError(
        "bytes",
        `Frame ${number} has ${points} points of ${shape.stride} bytes, ` +
          `${decoded} bytes, and at most ${this.#maxBytes} are taken`,
      );
    }
    const stream = this.#stream;
    return { ...shape, number, codec, captureTime, bytes, stream };
  }

  /**
   * Decodes a frame; its values are valid until the next one is decoded.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec.
   */
  decode(
    frame: Pick<EncodedFrame, "codec" | "bytes"> & CloudLayout,
  ): PointCloud {
    return this.#readerOf(frame.codec, frame).decoder.decode(frame.bytes);
  }

  #readerOf(codec: FrameCodec, layout: CloudLayout): Reader {
    const known = this.#readers.get(codec);
    if (
      known !== undefined &&
      (CODEC_TRAITS[codec].namesFields || areSameLayouts(layout, known.layout))
    ) return known;
    const { fields, stride, height, viewpoint } = layout;
    const decoder = createDecoder(codec, {
      layout: { fields, stride, height, ...(viewpoint && { viewpoint }) },
      maxBytes: this.#maxBytes,
    });
    const reader = { layout, decoder };
    this.#readers.set(codec, reader);
    return reader;
  }
}
