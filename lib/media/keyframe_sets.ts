import type { MediaFrame } from "./frame.ts";
import { type NalCodec, ParameterSets } from "./parameter_sets.ts";

/**
 * Completes the pictures of one track, so that each keyframe can be decoded
 * alone: one of H.264 or H.265 gets the parameter sets that it lacks.
 */
export class KeyframeSets {
  #sets: ParameterSets | undefined;
  #codec: NalCodec | undefined;

  /** Gives the bytes of the next picture; those of other codecs stay. */
  complete({ codec, data }: Pick<MediaFrame, "codec" | "data">): Uint8Array {
    if (codec !== "H264" && codec !== "H265") return data;
    if (codec !== this.#codec) {
      this.#codec = codec;
      this.#sets = new ParameterSets(codec, new Uint8Array());
    }
    return this.#sets!.complete(data).bytes;
  }
}
