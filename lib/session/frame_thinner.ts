import { readCloudiniHeader } from "../points/cloudini/header.ts";
import type { CloudEncoder } from "../points/codec.ts";
import { createEncoder } from "../points/codecs.ts";
import { MIN_POINT_SHARE, thin } from "../points/thin.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";

/** Least share of a frame's points, as a power of one half. */
const MAX_HALVINGS = Math.log2(1 / MIN_POINT_SHARE);

/**
 * Makes frames with fewer points, for receivers that can't take all of them:
 * once for each share, however many receivers want it.
 */
export class FrameThinner {
  readonly #thinned = new WeakMap<EncodedFrame, Map<number, EncodedFrame>>();
  readonly #reader = new FrameReader("");

  /**
   * Keeps a share of a frame's points, spread evenly, in the same codec and
   * steps.
   *
   * @param share is taken down to a power of one half, from 1 to 1/256.
   * @returns the frame itself for 1.
   * @throws {PointsError} for a frame that can't be decoded.
   */
  thin(frame: EncodedFrame, share: number): EncodedFrame {
    const halvings = Math.min(
      Math.ceil(Math.log2(1 / share) - 1e-9),
      MAX_HALVINGS,
    );
    if (halvings <= 0) return frame;
    let known = this.#thinned.get(frame);
    if (known === undefined) this.#thinned.set(frame, known = new Map());
    let thinned = known.get(halvings);
    if (thinned === undefined) {
      thinned = this.#make(frame, 2 ** -halvings);
      known.set(halvings, thinned);
    }
    return thinned;
  }

  #make(frame: EncodedFrame, share: number): EncodedFrame {
    const cloud = thin(this.#reader.decode(frame), share);
    const { bytes, shape } = encoderLike(frame).encode(cloud);
    return {
      ...frame,
      ...shape,
      // The encoder's buffer is its own.
      bytes: new Uint8Array(bytes),
    };
  }
}

/** An encoder that rounds to the steps of a frame, which change nothing. */
function encoderLike({ codec, bytes }: EncodedFrame): CloudEncoder {
  if (codec !== "cloudini") return createEncoder(codec);
  const { header } = readCloudiniHeader(bytes);
  const resolutions = Object.fromEntries(
    header.fields.flatMap(({ name, resolution }) =>
      resolution === undefined ? [] : [[name, resolution]]
    ),
  );
  const { encoding, compression } = header;
  return createEncoder(codec, { encoding, compression, resolutions });
}
