import { areSameFields, type PointCloud, XYZ } from "../points/cloud.ts";
import type { CloudDecoder, FrameCodec } from "../points/codec.ts";
import { createDecoder } from "../points/codecs.ts";

/** The decoders of one stream of frames, which may change its codec. */
export class FrameDecoders {
  readonly #decoders = new Map<FrameCodec, CloudDecoder>();
  #fields = XYZ;

  /** Names the fields of the f32 clouds that follow; x, y, z before. */
  setFields(fields: readonly string[]): void {
    if (areSameFields(fields, this.#fields)) return;
    this.#fields = fields;
    this.#decoders.delete("f32");
  }

  /**
   * Reads one encoded cloud; its values are valid until the next one is read.
   *
   * @throws {PointsError} for bytes that are no cloud of the codec.
   */
  decode(codec: FrameCodec, bytes: Uint8Array): PointCloud {
    let decoder = this.#decoders.get(codec);
    if (decoder === undefined) {
      decoder = createDecoder(codec, { fields: this.#fields });
      this.#decoders.set(codec, decoder);
    }
    return decoder.decode(bytes);
  }
}
