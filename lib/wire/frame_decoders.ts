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

/** A decoder, and the layout of its clouds where they don't say it. */
interface Known {
  layout: CloudLayout;
  decoder: CloudDecoder;
}

/**
 * The decoders of one peer, a codec each: a decoder keeps what it decoded last,
 * so that one for each of many streams would keep many clouds.
 */
export class FrameDecoders {
  /** Most bytes of a frame's points, decoded. */
  readonly maxBytes: number;
  readonly #known = new Map<FrameCodec, Known>();

  /**
   * Makes none at first.
   *
   * @param maxBytes most bytes of a frame's points, decoded.
   */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Decodes a frame.
   *
   * @throws {PointsError} where it isn't what it says.
   */
  decode(
    frame: CloudLayout & { codec: FrameCodec; bytes: Uint8Array },
  ): PointCloud {
    return this.of(frame.codec, frame).decode(frame.bytes);
  }

  /** The decoder of a codec, for clouds of a layout where they name none. */
  of(codec: FrameCodec, layout: CloudLayout): CloudDecoder {
    const known = this.#known.get(codec);
    if (
      known !== undefined &&
      (CODEC_TRAITS[codec].namesFields || areSameLayouts(layout, known.layout))
    ) return known.decoder;
    const { fields, stride, height, viewpoint } = layout;
    const decoder = createDecoder(codec, {
      layout: { fields, stride, height, ...(viewpoint && { viewpoint }) },
      maxBytes: this.maxBytes,
    });
    this.#known.set(codec, { layout, decoder });
    return decoder;
  }
}
